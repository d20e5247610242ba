"""`guichet channels`: write, switch on, list, try and register the channels that citizens' messages come through."""

from guichet_cli.channels.check import check
from guichet_cli.channels.enable import disable, enable
from guichet_cli.channels.new import new
from guichet_cli.channels.overview import list_channels
from guichet_cli.channels.register import register
from guichet_cli.console.command import command_group

app = command_group("Try the providers that citizens' messages come through.")
app.command()(new)
app.command()(enable)
app.command()(disable)
app.command("list")(list_channels)
app.command()(check)
app.command()(register)
