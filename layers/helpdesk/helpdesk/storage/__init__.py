"""Where the desk's things are kept: the tables (`table`), the files (`objects`), AWS (`aws`)."""
