"""What respondents see: start pages, the pages of an interview, exits."""
