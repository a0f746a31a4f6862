"""The syntax of mail that is not only met in mail: charsets and transfer encodings (`charsets`,
`transfer`), the values of header fields (`headers`), and the addresses among them (`addresses`, and
`mailbox` for requests and forms).

Nothing here raises, whatever the input, and everything takes linear time.
"""
