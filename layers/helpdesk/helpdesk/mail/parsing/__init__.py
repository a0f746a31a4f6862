"""Raw mail, read: bytes to parts (`mime`), parts to text and files, headers to values.

Nothing here raises, whatever it is given, and nothing takes more than time in proportion to the
mail's size (docs/decisions/0012). `helpdesk.mail.message` puts it together.
"""
