"""The reporter of a report: what stands on its page, and what one does there. `work` has the views."""
