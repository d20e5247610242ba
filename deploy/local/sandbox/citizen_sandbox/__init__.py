"""The citizen sandbox: play the citizens of the example town, on every channel there is a tile for.

Each tile fakes one provider at the wire: it takes what the town sends, and sends as the real one does.
It imports nothing of Guichet, and nothing of Guichet imports it: real or sandbox is a matter of settings.
"""
