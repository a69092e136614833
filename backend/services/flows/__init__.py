"""What all flows share: a turn under the draft's lock, codes, identity, the password page."""
