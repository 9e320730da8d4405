"""Reading: what a bundle tells triage, who stands with whom. Other rooms come in here."""

from amaan.bundles.selectors.pictures import pictures_near
from amaan.bundles.selectors.standing import bundles_of, facts_of_bundles, fronts_of, with_others

__all__ = ["bundles_of", "facts_of_bundles", "fronts_of", "pictures_near", "with_others"]
