"""`{% load documents %}`: a document's tree as nested lists, the first levels open."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from amaan.referrals.domain.document_trees import DocumentTree, Node
from amaan.ui.covering import told

register = template.Library()
OPEN_LEVELS = 3


@register.filter
def as_tree(tree: DocumentTree) -> SafeString:
    """Written in Python, because a template that includes itself takes a second for a thousand nodes."""
    return format_html(
        '<ul class="tree" dir="ltr">{}</ul>',
        _item(tree.root, 0, gettext("name held"), gettext("held"), gettext("it goes on")),
    )


def _item(node: Node, depth: int, nameless: str, held: str, goes_on: str) -> SafeString:
    name = format_html('<span class="name">{}</span>', node.name or f"({nameless})")
    attributes = format_html_join(
        "", ' <span class="attribute">{}={}</span>', ((key, told(said)) for key, said in node.attributes)
    )
    text = format_html(" {}", told(node.text)) if node.text else ""
    if node.more:
        text = format_html('{} <span class="fine">{}</span>', text, goes_on)
    if not node.children:
        empty = format_html(' <span class="masked">{}</span>', held) if node.held and not node.text else ""
        return format_html("<li>{}{}{}{}</li>", name, attributes, text, empty)
    children = format_html_join(
        "", "{}", ((_item(child, depth + 1, nameless, held, goes_on),) for child in node.children)
    )
    mark = format_html(' <span class="masked">▒▒▒ {}</span>', held) if node.held else ""
    opened = SafeString(" open") if depth < OPEN_LEVELS and not node.held else ""
    return format_html(
        "<li><details{}><summary>{}{}{}{}</summary><ul>{}</ul></details></li>",
        opened,
        name,
        mark,
        attributes,
        text,
        children,
    )
