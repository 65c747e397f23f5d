"""What all bodies of accounts have in common."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Room beyond what is allowed, so that the rules can say what is; no more than that.
Email = Annotated[str, Field(max_length=400)]
Name = Annotated[str, Field(max_length=400)]
Password = Annotated[str, Field(max_length=1024)]
Token = Annotated[str, Field(max_length=4096)]
Language = Literal["es", "en"]


class Body(BaseModel):
    """A body that somebody sends: nothing unknown in it, and nothing of it in a log."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def __repr_args__(self) -> tuple[()]:
        """Return nothing: passwords, tokens and codes must not get into a log."""
        return ()
