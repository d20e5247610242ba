"""The citizen sandbox: play the citizens of the example town, by telephone, chat and mail.

It fakes Twilio and Telegram at the wire, takes the town's mail, and sends as the real sources do.
It imports nothing of Guichet, and nothing of Guichet imports it: real or sandbox is a matter of settings.
"""
