"""The look and the words: base page, style sheet, form and table parts, and the Urdu catalogue.

Enters: values that a page already holds. Leaves: HTML that works without a script, in English and Urdu, in
light and dark. Who may come in: every door, by the templates, `words` and the `ui` template tags. It has no table.
"""
