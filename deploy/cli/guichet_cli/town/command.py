"""`guichet town`: describe a town, try what it says, see what is missing before the first message."""

from guichet_cli.console.command import command_group
from guichet_cli.town.check import check
from guichet_cli.town.checklist.command import checklist, done
from guichet_cli.town.init import init
from guichet_cli.town.migrate import migrate
from guichet_cli.town.own_mail import mail

app = command_group("Describe a town, try all that it says, and see what is missing before its first message.")
app.command()(init)
app.command()(check)
app.command()(mail)
app.command()(checklist)
app.command()(done)
app.command()(migrate)
