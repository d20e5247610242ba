"""What an answer says of its files where its channel carries none: that they are on the citizen's page. Pure."""

_ON_THE_PAGE = {False: "Fichier joint : {url}", True: "Fichiers joints : {url}"}


def with_files_said(text: str, files: int, url: str) -> str:
    """Return an answer's words with where its files are. url: of the follow page."""
    return f"{text.strip()}\n\n{_ON_THE_PAGE[files > 1].format(url=url)}" if files else text
