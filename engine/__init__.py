"""Sportello's Rasa side: the gateway's channel, the NLU components, the tracker store and the speed-ups."""
