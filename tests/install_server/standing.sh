#!/usr/bin/env bash
# What a town has before Guichet: Postfix and Dovecot, mailboxes of the town and of a citizen, a certificate authority.
set -euo pipefail
debconf-set-selections <<X
postfix postfix/main_mailer_type select Internet Site
postfix postfix/mailname string villiers.example
X
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postfix dovecot-imapd openssl >/dev/null
install -d /etc/villiers && cd /etc/villiers
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out /etc/ssl/villiers-ca.pem -subj "/CN=Villiers" -days 30 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout imap.key -out imap.csr -subj "/CN=imap.villiers.example" 2>/dev/null
printf 'subjectAltName=DNS:imap.villiers.example\n' > ext
openssl x509 -req -in imap.csr -CA /etc/ssl/villiers-ca.pem -CAkey ca.key -CAcreateserial -out imap.pem -days 30 -extfile ext 2>/dev/null
chmod 600 imap.key; chmod 644 /etc/ssl/villiers-ca.pem
groupadd -g 5000 vmail; useradd -r -u 5000 -g vmail -d /srv/mail -s /usr/sbin/nologin vmail; install -d -o vmail -g vmail -m 700 /srv/mail
cat > /etc/dovecot/dovecot.conf <<X
protocols = imap
listen = *
mail_location = maildir:/srv/mail/%u
mail_uid = 5000
mail_gid = 5000
first_valid_uid = 5000
ssl = required
ssl_cert = </etc/villiers/imap.pem
ssl_key = </etc/villiers/imap.key
passdb {
  driver = static
  args = password=sesame
}
userdb {
  driver = static
  args = uid=5000 gid=5000 home=/srv/mail/%u
}
log_path = /var/log/dovecot.log
X
postconf -e 'myhostname = mx.villiers.example' 'mydestination = localhost' 'inet_interfaces = loopback-only' 'inet_protocols = ipv4' \
  'virtual_mailbox_domains = villiers.example courriel.example' 'virtual_mailbox_base = /srv/mail' 'virtual_mailbox_maps = static:all' \
  'virtual_uid_maps = static:5000' 'virtual_gid_maps = static:5000' 'maillog_file = /var/log/postfix.log'
printf '%s %s/\n' $(for each in contact@villiers.example ccas@villiers.example informatique@villiers.example dpo@villiers.example perrine@courriel.example; do echo $each $each; done) > /etc/postfix/mailboxes
echo '@courriel.example perrine@courriel.example/' >> /etc/postfix/mailboxes
postconf -e 'virtual_mailbox_maps = texthash:/etc/postfix/mailboxes'
systemctl restart postfix dovecot
