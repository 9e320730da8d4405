"""A schema as plain data, however it is written: references, groups, extensions and empty types are resolved."""

from __future__ import annotations

from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
Model = dict[str, Any]


class SchemaModel:
    """`element(name)` is what a document with that root may hold, comparable with another schema's."""

    def __init__(self, schema: bytes) -> None:
        self.tree = etree.fromstring(schema)

    def element(self, name: str) -> Model:
        return self._declared(self._named("element", name))

    def _named(self, kind: str, name: str) -> etree._Element:
        return next(one for one in self.tree.iterchildren(f"{XS}{kind}") if one.get("name") == name)

    def _declared(self, element: etree._Element) -> Model:
        if element.get("ref"):
            element = self._named("element", str(element.get("ref")))
        inner = element.find(f"{XS}complexType")
        model = self._type(str(element.get("type"))) if inner is None else self._complex(inner)
        return {**model, "fixed": element.get("fixed")}

    def _type(self, name: str) -> Model:
        if not name.startswith("xs:"):
            for one in self.tree.iterchildren(f"{XS}complexType"):
                if one.get("name") == name:
                    return self._complex(one)
        return {"text": self._simple(name), "attributes": {}, "manner": None, "children": []}

    def _simple(self, name: str) -> Any:
        if name.startswith("xs:"):
            return name
        restriction = self._named("simpleType", name).find(f"{XS}restriction")
        assert restriction is not None
        facets = sorted(
            (str(one.tag).removeprefix(XS), str(one.get("value"))) for one in restriction.iterchildren("*")
        )
        base = self._simple(str(restriction.get("base")))
        return (base, tuple(facets)) if facets else base

    def _complex(self, kind: etree._Element) -> Model:
        extension = kind.find(f"{XS}simpleContent/{XS}extension")
        if extension is not None:
            model = self._type(str(extension.get("base")))
            return {**model, "attributes": {**model["attributes"], **self._attributes(extension)}}
        part = next(
            (one for one in kind if one.tag in {f"{XS}sequence", f"{XS}choice", f"{XS}all", f"{XS}group"}),
            None,
        )
        manner, children = (None, []) if part is None else self._particle(part)
        return {"text": None, "attributes": self._attributes(kind), "manner": manner, "children": children}

    def _attributes(self, place: etree._Element) -> Model:
        found: Model = {}
        for one in place.iterchildren(f"{XS}attribute", f"{XS}attributeGroup"):
            if one.get("ref"):
                found |= self._attributes(self._named("attributeGroup", str(one.get("ref"))))
            else:
                found[str(one.get("name"))] = (self._simple(str(one.get("type"))), one.get("use", "optional"))
        return found

    def _particle(self, part: etree._Element) -> tuple[str, list[Any]]:
        if part.tag == f"{XS}group":
            (part,) = self._named("group", str(part.get("ref"))).iterchildren("*")
        manner = str(part.tag).removeprefix(XS)
        children: list[Any] = []
        for one in part.iterchildren("*"):
            if one.tag == f"{XS}element":
                often = (one.get("minOccurs", "1"), one.get("maxOccurs", "1"))
                children.append((one.get("name") or one.get("ref"), often, self._declared(one)))
            elif one.tag != f"{XS}annotation":
                inner, within = self._particle(one)
                children += within if inner == manner else [(inner, within)]
        return manner, sorted(children, key=lambda child: str(child[0])) if manner != "sequence" else children
