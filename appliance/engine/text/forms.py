"""Which form an answer must have: the grammar of what is asked, made ready off the batch loop."""

import json
import threading
from collections import OrderedDict
from dataclasses import asdict

from appliance.base.errors import ApplianceError, InvalidValueError
from appliance.engine.text.form import Written
from appliance.engine.text.grammar import Element, Grammar, Reference, Repeat, Way, grammar_of
from appliance.engine.text.json_schema import any_object_grammar, schema_grammar
from appliance.engine.text.matching import Machine
from appliance.engine.text.model import GrammarOutput, JsonOutput, TextRequest, ToolUse
from appliance.engine.text.schema_merging import bad_schema
from appliance.engine.text.spelling import Spelling
from appliance.engine.text.template import ChatTemplate
from appliance.engine.text.tool_calls import calls_grammar, check_tools
from appliance.engine.text.transcript import THOUGHT_CLOSES, THOUGHT_OPENS

_MOST_KEPT = 16
# What values of kinds that no schema has may raise: it must not end the process for everybody.
_NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
# What comes before an answer in a set form: thoughts, which have none.
_THOUGHTS = rf'root ::= ([^<] | "<" [^/])* "{THOUGHT_CLOSES}" "\n"{{0,2}}'
_MAYBE_THOUGHTS = rf"""
root ::= ("{THOUGHT_OPENS}" inside)?
inside ::= ([^<] | "<" [^/])* "{THOUGHT_CLOSES}" "\n"{{0,2}}
"""


class Forms:
    """The forms that the answers of one model have had lately. Any thread may ask."""

    def __init__(self, template: ChatTemplate, spelling: Spelling) -> None:
        """Begin with none."""
        self._template = template
        self._spelling = spelling
        self._lock = threading.Lock()
        self._machines: OrderedDict[str, Machine | ApplianceError] = OrderedDict()

    def prepare(self, request: TextRequest) -> None:
        """Find out the form of an answer, so that asking for it takes no time."""
        if not _is_free(request):
            self._machine(request)

    def form_of(self, request: TextRequest) -> Written | None:
        """Return a new answer in the form that is asked for; None if that is free.

        Raises:
            InvalidValueError: If the schema, the grammar or the tools cannot be used
                (`bad_schema`, `bad_grammar`, `bad_tool`).
        """
        check_tools(request.tools, request.must_call)
        if _is_free(request):
            return None
        machine = self._machine(request)
        if isinstance(machine, ApplianceError):
            raise machine
        return Written(machine, self._spelling)

    def _machine(self, request: TextRequest) -> Machine | ApplianceError:
        key = _key_of(request)
        with self._lock:
            known = self._machines.get(key)
            if known is None:
                known = self._machines[key] = self._made(request)
            self._machines.move_to_end(key)
            while len(self._machines) > _MOST_KEPT:
                self._machines.popitem(last=False)
            return known

    def _made(self, request: TextRequest) -> Machine | ApplianceError:
        try:
            return Machine(self._grammar(request))
        except _NONSENSE as error:
            return bad_schema(f"it is not understood ({type(error).__name__})")
        except InvalidValueError as error:
            if isinstance(request.output, GrammarOutput) or error.code != "bad_grammar":
                return error
            # The schema was refused by what became of it.
            return bad_schema(error.message.partition(": ")[2].rstrip("."))

    def _grammar(self, request: TextRequest) -> Grammar:
        ways = [grammar_of(text) for text in self._texts(request)]
        grammar = ways[0] if len(ways) == 1 else _either(*ways)
        if self._template.opens_thought(thinks=request.thinks):
            return _joined(grammar_of(_THOUGHTS), grammar)
        if request.thinks and self._template.may_think:
            return _joined(grammar_of(_MAYBE_THOUGHTS), grammar)
        return grammar

    def _texts(self, request: TextRequest) -> list[str]:
        texts: list[str] = []
        if _calls(request) or (request.tools and request.tool_use is not ToolUse.NONE):
            if not request.tools:
                raise InvalidValueError(
                    "A tool is to be called, but none is offered.", code="bad_tool"
                )
            notation = self._template.notation
            texts.append(calls_grammar(request.tools, request.must_call, notation))
        if isinstance(request.output, GrammarOutput) and not _calls(request):
            texts.append(request.output.gbnf)
        elif isinstance(request.output, JsonOutput) and not _calls(request):
            schema = request.output.schema
            texts.append(any_object_grammar() if schema is None else schema_grammar(schema))
        return texts


def _calls(request: TextRequest) -> bool:
    is_wanted = bool(request.must_call) or request.tool_use is ToolUse.REQUIRED
    return is_wanted and request.tool_use is not ToolUse.NONE


def _is_free(request: TextRequest) -> bool:
    return request.output is None and not _calls(request)


def _key_of(request: TextRequest) -> str:
    output = None if request.output is None else asdict(request.output)
    tools = [asdict(tool) for tool in request.tools]
    asked = [output, tools, request.tool_use, request.must_call, request.thinks]
    return json.dumps(asked)


def _either(first: Grammar, second: Grammar) -> Grammar:
    """Return the grammar of what either allows."""
    moved = _moved(second, len(first.rules))
    root = ((Reference(first.root),), (Reference(moved.root),))
    return Grammar((*first.rules, *moved.rules, root), len(first.rules) + len(moved.rules))


def _joined(first: Grammar, second: Grammar) -> Grammar:
    """Return the grammar of what the first allows, followed by what the second does."""
    moved = _moved(second, len(first.rules))
    root = ((Reference(first.root), Reference(moved.root)),)
    return Grammar((*first.rules, *moved.rules, root), len(first.rules) + len(moved.rules))


def _moved(grammar: Grammar, by: int) -> Grammar:
    rules = tuple(tuple(_moved_way(way, by) for way in ways) for ways in grammar.rules)
    return Grammar(rules, grammar.root + by)


def _moved_way(way: Way, by: int) -> Way:
    return tuple(_moved_element(element, by) for element in way)


def _moved_element(element: Element, by: int) -> Element:
    if isinstance(element, Reference):
        return Reference(element.rule + by)
    if isinstance(element, Repeat):
        return Repeat(element.rule + by, element.least, element.most)
    return element
