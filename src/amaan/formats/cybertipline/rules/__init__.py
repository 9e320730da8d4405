"""What a schema can't say of a document at the wire: one table, each rule with its words and its check."""
