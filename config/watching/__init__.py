"""What others may see of this system: traces and error reports, both off unless set up."""
