"""Custom actions of the assistant: slots in, one service call, utterances and events out.

No wording lives here, no rule of a service, and nothing of a tracker is ever logged.
"""
