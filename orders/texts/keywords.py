"""The personal words that a text may hold, case-sensitive."""

NAME = "$recipientName$"
NUMBER = "$recipientNumber$"
