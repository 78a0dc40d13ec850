"""Pull mode: clients that somebody else starts (a browser, a bridge of a phone) ask for one case after another.

An agent is whoever asks under one name. Agents share the cases of a run: each case goes to the one that asks first, and
an agent has one case at a time. Who asks for the next one is done with the last.
"""

PREFIX = "/_conform"
