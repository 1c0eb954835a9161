"""Record: small immutable classes whose fields are their annotations.

The compiler is made of many small value classes (tree, layers, errors). `dataclasses` writes and
executes source text for each of them, about 0.8 ms a class, which alone would spend the 150 ms
that `cnnc check` may take; this base class reads the annotations and does no more.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """An immutable value: fields in declared order, equality by value, `replace` for a changed copy.

    A field is an annotation that is not a `ClassVar`; a value in the class body is its default.
    Subclasses add their fields after those of their bases.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = [name for name, kind in cls.__annotations__.items() if not str(kind).startswith("ClassVar")]
        cls.fields = (*cls.fields, *(name for name in own if name not in cls.fields))
        cls.defaults = {**cls.defaults, **{name: cls.__dict__[name] for name in own if name in cls.__dict__}}
        cls.__match_args__ = cls.fields  # type: ignore[attr-defined, misc]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        if len(args) == len(cls.fields) and not kwargs:  # the usual way, and twice as fast
            self.__dict__.update(zip(cls.fields, args))
            return
        if len(args) > len(cls.fields):
            raise TypeError(f"{cls.__name__} takes {len(cls.fields)} fields, {len(args)} were given")
        values = {**cls.defaults, **dict(zip(cls.fields, args)), **kwargs}
        if len(values) != len(cls.fields) or not values.keys() <= set(cls.fields):
            raise TypeError(f"{cls.__name__}{cls.fields} was given {len(args)} values and {sorted(kwargs)}")
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed: use replace({name}=…)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def as_tuple(self) -> tuple[Any, ...]:
        """The values of the fields, in declared order."""
        return tuple(self.__dict__[name] for name in type(self).fields)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        cls = type(self)
        values = {name: self.__dict__[name] for name in cls.fields}
        if cls.__init__ is not Record.__init__ or not changes.keys() <= values.keys():
            return cls(**{**values, **changes})  # which looks at the values, and refuses what is no field
        made = cls.__new__(cls)
        made.__dict__.update(values)
        made.__dict__.update(changes)
        return made

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.as_tuple() == other.as_tuple()

    def __hash__(self) -> int:
        return hash((type(self), self.as_tuple()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(type(self).fields, self.as_tuple(), strict=True))
        return f"{type(self).__name__}({shown})"
