"""What an operator sets for App webhook."""

from pydantic import AnyHttpUrl, Field

from guichet.runtime.settings import SettingsGroup, SharedSecret


class AppWebhookSettings(SettingsGroup):
    """Each field is the variable GUICHET_<FIELD>; its description is what operators read."""

    app_webhook_secret: SharedSecret = Field(
        description="What the provider signs its payloads with: whsec_ and a key in base64."
    )
    app_webhook_public_url: AnyHttpUrl = Field(description="Base of our address, as the provider knows it.")
    app_webhook_account: str = Field(default="mairie", description="The town's account at the provider.")
    app_webhook_api_url: AnyHttpUrl = Field(description="Base of the provider's address, or the sandbox's.")
    app_webhook_token: SharedSecret = Field(description="What the provider lets us in with.")
