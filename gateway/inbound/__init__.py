"""Mail comes in: by SMTP and LMTP, from IMAP mailboxes, through a pipe, all into the spool. It knows no ticket."""
