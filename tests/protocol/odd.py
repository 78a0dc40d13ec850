"""JSON of every shape, under the names that a reader looks for."""

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def objects(*fields, **shaped):
    """Objects with any of the fields: of those of `shaped` some have its shape, all else is anything."""
    return st.fixed_dictionaries(
        {}, optional={field: JSON | shaped[field] if field in shaped else JSON for field in fields}
    )
