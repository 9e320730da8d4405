"""The desk's pages, one file a piece of work. What a page reads is in the ledger before it is rendered."""
