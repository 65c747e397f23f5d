"""What the chat's routes call."""

from dataclasses import dataclass

from appliance.chat.asking import Asking
from appliance.chat.continuing import Continuing
from appliance.chat.conversing import Conversing
from appliance.chat.exporting import Exporting
from appliance.chat.following import Following
from appliance.chat.overseeing import Overseeing
from appliance.chat.rating import Rating
from appliance.chat.searching import Searching
from appliance.chat.sending import Sending
from appliance.chat.stopping import Stopping


@dataclass(frozen=True)
class Activities:
    """All that people do in the chat."""

    asking: Asking
    continuing: Continuing
    following: Following
    stopping: Stopping
    conversing: Conversing
    rating: Rating
    searching: Searching
    exporting: Exporting
    sending: Sending
    overseeing: Overseeing | None
