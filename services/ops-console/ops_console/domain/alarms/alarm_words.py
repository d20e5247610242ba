"""What each alarm means and what to do first, for the page and for notices. French; the catalogue has the English.

The whole story stands in docs/operations.md, under the heading that `entry_of` names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from guichet.runtime.telemetry.alarms import Alarm


@dataclass(frozen=True)
class Words:
    """title: what is wrong, in a few words. remedy: the first thing to do, in one sentence."""

    title: str
    remedy: str


WORDS: Final[Mapping[str, Words]] = {
    Alarm.BUG: Words(
        "Erreur imprévue dans un service",
        "Le journal dit où. Après correction, rejouez ce qui est de côté (guichet dead-letters replay ID --reason …).",
    ),
    Alarm.SEND_BUG: Words(
        "Erreur imprévue à l’envoi d’un message",
        "Rien n’est de côté : le message attend, a échoué ou est « envoi incertain » ; le journal de l’envoi dit où.",
    ),
    Alarm.UNREAD: Words(
        "Message accepté sans avoir pu être lu",
        "Rien n’est perdu : il est devenu une demande, original joint. Cherchez la cause dans le journal du canal.",
    ),
    Alarm.FILE_MISSING: Words(
        "Message accepté sans sa pièce jointe",
        "La demande le dit à l’agent. Vérifiez le compte chez le prestataire du canal, et l’état de son service.",
    ),
    Alarm.CATCH_UP_BEHIND: Words(
        "Le rattrapage des messages d’un prestataire n’aboutit pas",
        "Rien n’est perdu : il reprend où il en est. Vérifiez le compte et le journal du service que la cause nomme.",
    ),
    Alarm.MAILBOX_UNREADABLE: Words(
        "Une boîte aux lettres ne peut plus être relevée",
        "Rien n’est perdu : les courriels y attendent. « guichet mailbox check » dit en une phrase ce qui manque.",
    ),
    Alarm.MAILBOX_REFUSED: Words(
        "Une boîte aux lettres refuse l’accès",
        "Rien n’est perdu. Mot de passe, jeton ou secret : « guichet mailbox check » dit lequel et pourquoi.",
    ),
    Alarm.MAILBOX_NOT_OPENED: Words(
        "Une boîte aux lettres n’a pas de mot de passe",
        "Rien n’est perdu. « guichet mailbox check » nomme la variable à définir ; redémarrez ensuite ingest-email.",
    ),
    Alarm.MAILBOX_SIGN_IN_ENDS: Words(
        "L’accès à une boîte aux lettres prend bientôt fin",
        "Renouvelez le secret chez le fournisseur, puis la variable et la date secret_expires de mail.yaml.",
    ),
    Alarm.MAILBOX_WITHHOLDS: Words(
        "Un courriel que la boîte aux lettres annonce et ne donne pas",
        "Ouvrez-le dans la messagerie (le journal donne son numéro) : il n’est dans aucune demande.",
    ),
    Alarm.MAILBOX_NOT_TIDIED: Words(
        "Les courriels repris ne peuvent être ni marqués ni déplacés",
        "Ils sont repris : rien n’est perdu. Vérifiez le dossier d’arrivée et les droits du compte.",
    ),
    Alarm.DEAD_LETTER: Words(
        "Message mis de côté",
        "Lisez-le (guichet dead-letters show), puis replay ou drop, avec --reason : il n’est dans aucune demande.",
    ),
    Alarm.DEAD_LETTER_CEILING: Words(
        "Trop de messages mis de côté : service arrêté, ou canal qui refuse",
        "Rien n’est perdu. Corrigez la cause (guichet dead-letters list), puis redémarrez le service arrêté.",
    ),
    Alarm.OFFSET_OUT_OF_RANGE: Words(
        "Des messages ont disparu avant d’être lus : service arrêté",
        "Ne redémarrez rien avant d’avoir lu la consigne : il faut savoir qui a effacé ces messages.",
    ),
    Alarm.CONSUMER_STUCK: Words(
        "Un service ne lit plus ses messages",
        "Il redémarre de lui-même ; si l’alerte revient, lisez son journal.",
    ),
    Alarm.LAG: Words(
        "Des messages attendent depuis trop longtemps",
        "Vérifiez que le service tourne et que MongoDB répond ; il rattrape son retard tout seul.",
    ),
    Alarm.SERVICE_DOWN: Words(
        "Un service ne répond plus",
        "Lisez la fin de son journal. Code de sortie 75 : il attend une décision ; 78 : un réglage est faux.",
    ),
    Alarm.PART_AWAY: Words(
        "Un serveur indispensable ne répond pas",
        "Rien n’est perdu : les messages sont refusés et leurs sources réessaient. Remettez ce serveur en route.",
    ),
    Alarm.RECEIPT_OVERDUE: Words(
        "Un accusé d’enregistrement ou de réception est en retard",
        "L’usager doit le recevoir au plus tard le prochain jour ouvré : vérifiez notifier et le canal d’envoi.",
    ),
    Alarm.RECEIPT_UNWRITABLE: Words(
        "Un accusé de réception ne peut pas être écrit",
        "Il manque une mention obligatoire dans les fichiers de la commune : le journal de notifier dit laquelle.",
    ),
    Alarm.CLOCK_PASSED_OVER: Words(
        "L’échéance d’une demande est passée sans être comptée",
        "Un accusé de réception a pu manquer : vérifiez case-router, qui compte les délais ; il rattrape de lui-même.",
    ),
    Alarm.SUSPENDED_UNSEEN: Words(
        "Personne n’a examiné un courriel suspendu",
        "Il est reçu en droit. La cause dit le service : un de ses agents habilités ouvre « Courriels suspendus ».",
    ),
    Alarm.LETTERS_WAITING: Words(
        "Des courriers numérisés attendent depuis trop longtemps",
        "Leurs délais courent. La cause dit le service : un de ses agents ouvre « Saisir », « Courriers numérisés ».",
    ),
    Alarm.DELIVERY_UNDECIDED: Words(
        "Personne ne sait si un message est parti",
        "Un agent tranche dans la demande, marquée « envoi incertain » : l’usager l’a reçu, ou envoyer de nouveau.",
    ),
    Alarm.PROVIDER_DOWN: Words(
        "Un prestataire d’envoi ne répond plus",
        "Les envois attendent et repartiront seuls. Vérifiez l’accès (guichet channels check) et le prestataire.",
    ),
    Alarm.NULL_PATH_REFUSED: Words(
        "Le relais refuse les courriels aux agents",
        "Les usagers reçoivent les leurs. Le relais doit accepter « MAIL FROM:<> » : faites-le régler chez lui.",
    ),
    Alarm.IDENTITY_PROVIDER_AWAY: Words(
        "Le fournisseur d’identité des agents ne répond pas",
        "Qui est connecté continue, les comptes de Guichet s’ouvrent. Vérifiez le fournisseur et le réseau du guichet.",
    ),
    Alarm.CHANNEL_OFF: Words(
        "Des envois attendent un canal que la ville a fermé",
        "Ils partiront quand channels.yaml le rouvrira ; sinon, répondez à ces usagers par une autre voie.",
    ),
    Alarm.SPENDING_NEAR_CAP: Words(
        "Les envois d’un compte approchent de leur plafond de dépense",
        "Regardez « Dépenses d’envoi » : si c’est l’activité normale, relevez le plafond dans costs.yaml.",
    ),
    Alarm.SPENDING_CAP: Words(
        "Des envois attendent : leur plafond de dépense est atteint",
        "Ils partiront à la période suivante. Relevez le plafond dans costs.yaml, puis redémarrez notifier.",
    ),
    Alarm.ERASURE_STUCK: Words(
        "Un effacement n’avance plus",
        "Il attend qu’un service ait classé les messages arrivés avant la demande : vérifiez que ce service tourne.",
    ),
    Alarm.ORPHANS_KEPT: Words(
        "Les fichiers que rien ne nomme sont gardés",
        "Rien n’est perdu. Le journal de gdpr-worker dit pourquoi : lisez la consigne avant toute autre chose.",
    ),
    Alarm.BACKUP_OLD: Words(
        "Aucune sauvegarde vérifiée depuis plus d’un jour",
        "Lancez « guichet backup nightly » : elle dit en une phrase ce qui manque, souvent de la place sur le disque.",
    ),
    Alarm.TURN_OVERDUE: Words(
        "Le coffre des clés n’a pas été renouvelé depuis deux jours",
        "Lisez dans le journal de gdpr-worker ce qui l’empêche, souvent un fichier ou un disque où il ne peut écrire.",
    ),
    Alarm.VAULT_COPY: Words(
        "La seconde copie du coffre des clés n’est plus tenue à jour",
        "Rien n’est perdu : les services refusent, leurs clés épuisées. Voyez le disque de la copie (consigne).",
    ),
    Alarm.SEARCH_REBUILDING: Words(
        "La recherche d’un secteur est en cours de reconstruction",
        "Rien n’est perdu : le guichet fonctionne sans elle. Si cela dure, le journal de search-indexer dit pourquoi.",
    ),
    Alarm.NOT_ALLOWED: Words(
        "Kafka ou MongoDB refuse un service",
        "Rien n’est perdu. Redonnez les droits (guichet prepare) ; si elle revient, cherchez qui se présente.",
    ),
    Alarm.TAMPERED: Words(
        "Un scellé ne tient pas",
        "Des octets ont été changés ou échangés : prévenez le responsable de la sécurité et ne rejouez rien.",
    ),
    Alarm.KEY_MISSING: Words(
        "Une clé manque au coffre",
        "Ce qu’elle scelle n’est pas effacé : restaurez le coffre le plus récent, puis rejouez ce qui est de côté.",
    ),
    Alarm.FORGED: Words(
        "Un ordre sans signature valable",
        "Rien n’a été exécuté. Une clé vient-elle de changer ? Sinon, prévenez le responsable de la sécurité.",
    ),
    Alarm.OUTBOX_STUCK: Words(
        "Des événements d’une demande ne peuvent pas être lus",
        "Les autres demandes avancent ; de celle-ci, rien ne part. Le journal de case-router dit laquelle et pourquoi.",
    ),
    Alarm.CLOCK_MOVED: Words(
        "L’horloge de Guichet n’est pas celle de la machine",
        "Les délais courent à une autre date : retirez GUICHET_CLOCK_FILE, réservée aux essais, puis redémarrez.",
    ),
    Alarm.NO_RIGHT: Words(
        "Un ordre d’un agent qui n’y avait pas droit",
        "Rien n’a été exécuté. Lisez-le (guichet dead-letters show) et demandez à l’agent s’il l’a donné.",
    ),
    Alarm.PROBING: Words(
        "Quelqu’un essaie les portes : trop de refus en peu de temps",
        "Lisez la consigne : la cause dit quelle porte ; le journal d’audit et celui du serveur mandataire disent qui.",
    ),
}
UNKNOWN: Final = Words("Alerte inconnue de cette version", "Lisez la consigne de la version qui tourne.")


def words_of(alarm: str) -> Words:
    """Return the words for an alarm; a newer service may raise one that this console does not know."""
    return WORDS.get(alarm, UNKNOWN)


def entry_of(alarm: str) -> str:
    """Return the anchor of the alarm's entry in docs/operations.md."""
    return f"alarm-{alarm}"


def shown_cause(cause: str) -> str:
    """Write a cause's ids as people read them."""
    return " · ".join(cause.split(":"))
