"""Expressions read for the directed search: taken apart into smaller goals, and searched for what they depend on."""

from collections.abc import Iterator
from dataclasses import replace

from surveys.instrument.analysis import analyse
from surveys.instrument.evaluation import Program
from surveys.instrument.expressions import fixed
from surveys.instrument.language import ExpressionError, nodes, parsed
from surveys.instrument.model import Group
from surveys.instrument.schema import Spec
from surveys.instrument.walk.goals import Goal, Sign, Variable, conjuncts, prior_in, reads_itself
from surveys.instrument.walk.rows import any_of, for_row

#: Branches of if() and calculations that are unfolded in one expression.
MOST_UNFOLDED = 12


_ANSWERED = nodes.Operation(nodes.Path((nodes.SELF,)), (("!=", nodes.Literal("")),))


class Reader:
    """Reads the expressions of one program. Each tree is kept, so that its id stays its own."""

    def __init__(self, program: Program) -> None:
        self.schema = program.built.schema
        self.lists = program.built.lists
        self._kept: list[nodes.Node] = []
        self._trees: dict[str, nodes.Node | None] = {}
        self._behind: dict[Sign, tuple[tuple[nodes.Node, Spec], ...]] = {}
        self._variables: dict[Sign, tuple[Variable, ...]] = {}
        self._ways: dict[Sign, tuple[tuple[Goal, ...], ...]] = {}
        self._goals: dict[int, tuple[Goal, ...]] = {}
        self._repeats: dict[Sign, tuple[Spec, ...]] = {}
        self._offers: dict[tuple[int, str], tuple[Goal, ...]] = {}

    def goals_of(self, spec: Spec) -> tuple[Goal, ...]:
        """The relevance of a node and of all around it, and an instance of each repeat it stands in."""
        if spec.index not in self._goals:
            goals: list[Goal] = []
            here: Spec | None = spec
            while here is not None and here.node is not None:
                goals.extend(self._own_goals(here, is_target=here is spec))
                here = here.parent
            self._goals[spec.index] = tuple(reversed(goals))
        return self._goals[spec.index]

    def _own_goals(self, spec: Spec, *, is_target: bool) -> Iterator[Goal]:
        node = spec.node
        if isinstance(node, Group) and node.is_repeat and node.repeat_count and not is_target:
            count = self.tree(node.repeat_count)
            if count is not None:
                yield Goal(self._keep(nodes.Operation(count, ((">", nodes.Number(0)),))), True, spec)
        tree = self.tree(node.relevance) if node else None
        if tree is not None:
            yield from (Goal(part, True, spec) for part in reversed(conjuncts(tree)))

    def offer_of(self, spec: Spec, name: str) -> tuple[Goal, ...]:
        """What has to hold for the item to offer this choice, besides that it is asked."""
        key = (spec.index, name)
        if key not in self._offers:
            self._offers[key] = tuple(self._offer_goals(spec, name))
        return self._offers[key]

    def _offer_goals(self, spec: Spec, name: str) -> Iterator[Goal]:
        item = spec.item
        tree = self.tree(item.choice_filter) if item else None
        prepared = self.lists.by_name.get(item.choices) if item else None
        if tree is None or prepared is None:
            return
        trees = [for_row(tree, prepared.rows[place]) for place in prepared.places.get(name, ())]
        simple = [one for one in trees if one is not None]
        if simple and len(simple) == len(trees):
            yield Goal(self._keep(any_of(simple)), True, spec)
        else:
            yield Goal(None, True, spec, name)

    def constraint_of(self, spec: Spec) -> tuple[Goal, ...]:
        """What an answer to the item is held to."""
        tree = self.tree(spec.item.constraint) if spec.item is not None else None
        return () if tree is None else (Goal(tree, True, spec),)

    def answered(self, spec: Spec) -> Goal:
        """That the item has a value."""
        return Goal(_ANSWERED, True, spec)

    def repeats_behind(self, goal: Goal) -> tuple[Spec, ...]:
        """The repeats whose instances the goal may turn on: around it, and around what it reads."""
        known = self._repeats.get(goal.sign)
        if known is None:
            read = [goal.owner]
            for tree, owner in self.trees_behind(goal):
                read += [owner, *self._reads(tree, owner, goal)]
            levels = [level for spec in read for level in (*spec.level.chain(), spec.inner)]
            found = (level.repeat for level in levels if level is not None and level.repeat is not None)
            known = self._repeats[goal.sign] = tuple(dict.fromkeys(found))
        return known

    def ways(self, goal: Goal) -> tuple[tuple[Goal, ...], ...]:
        """Ways to reach the goal, each a row of smaller goals; none where it is small enough."""
        known = self._ways.get(goal.sign)
        if known is None:
            found = tuple(self._expanded(goal))
            known = self._ways[goal.sign] = () if found == ((goal,),) else found
        return known

    def _expanded(self, goal: Goal) -> Iterator[tuple[Goal, ...]]:
        tree, wanted = goal.tree, goal.wanted
        match tree:
            case nodes.Operation() if tree.level <= nodes.LEVELS["and"]:
                parts = tuple(replace(goal, tree=part) for part in nodes.children(tree))
                if wanted is (tree.level == nodes.LEVELS["and"]):
                    yield parts
                else:
                    yield from ((part,) for part in parts)
            case nodes.Call("not", (inner,)):
                yield (replace(goal, tree=inner, wanted=not wanted),)
            case nodes.Call("boolean", (inner,)):
                yield (replace(goal, tree=inner),)
            case _:
                yield from self._unfolded(goal)

    def _unfolded(self, goal: Goal) -> Iterator[tuple[Goal, ...]]:
        """The goal for each branch of an if() in it, or in the calculation of an item that it compares."""
        tree = goal.tree
        if isinstance(tree, nodes.Operation) and len(tree.rest) == 1 and 3 <= tree.level <= 4:
            operator, right = tree.rest[0]
            cases = [
                ((*a, *b), self._keep(replace(tree, first=left_case, rest=((operator, right_case),))))
                for a, left_case in self._cases(tree.first, goal.owner)
                for b, right_case in self._cases(right, goal.owner)
            ]
        elif isinstance(tree, nodes.Call) and tree.name == "selected" and len(tree.arguments) == 2:
            cases = [
                (conditions, self._keep(replace(tree, arguments=(case, tree.arguments[1]))))
                for conditions, case in self._cases(tree.arguments[0], goal.owner)
            ]
        elif tree is not None:
            cases = list(self._cases(tree, goal.owner))
        else:
            cases = []
        if len(cases) < 2 or len(cases) > MOST_UNFOLDED:
            yield (goal,)
            return
        for conditions, case in cases:
            yield (*conditions, replace(goal, tree=case))

    def _cases(self, node: nodes.Node, owner: Spec, depth: int = 0) -> list[tuple[tuple[Goal, ...], nodes.Node]]:
        """The values an expression can have, each with what has to hold for it."""
        match node:
            case nodes.Call("if", (condition, yes, no)) if depth < MOST_UNFOLDED:
                return [
                    ((Goal(condition, wanted, owner), *inner), value)
                    for wanted, branch in ((True, yes), (False, no))
                    for inner, value in self._cases(branch, owner, depth + 1)
                ]
            case nodes.Reference() if depth < MOST_UNFOLDED:
                spec = self.resolved(node)
                inner_tree = self.calculation(spec)
                if spec is not None and inner_tree is not None and spec.level is owner.level and not waits(spec):
                    own = self.goals_of(spec)
                    cases = self._cases(inner_tree, spec, depth + 1)
                    if len(cases) > 1:
                        blank = [((replace(goal, wanted=False),), nodes.Literal("")) for goal in own]
                        return [*(((*own, *conditions), value) for conditions, value in cases), *blank]
        return [((), node)]

    def read_by(self, goal: Goal) -> tuple[Variable, ...]:
        known = self._variables.get(goal.sign)
        if known is None:
            known = self._variables[goal.sign] = tuple(dict.fromkeys(self._variables_of(goal)))
        return known

    def _variables_of(self, goal: Goal) -> Iterator[Variable]:
        if goal.tree is not None and reads_itself(goal.tree) and self.may_answer(goal.owner):
            yield goal.owner.key
        for tree, owner in self.trees_behind(goal):
            yield from prior_in(tree)
            yield from (spec.key for spec in self._reads(tree, owner, goal) if self.may_answer(spec))

    def trees_behind(self, goal: Goal) -> tuple[tuple[nodes.Node, Spec], ...]:
        """The goal's expression and those of the calculated items it reads, each with whom it belongs to."""
        known = self._behind.get(goal.sign)
        if known is None:
            known = self._behind[goal.sign] = tuple(self._find_trees(goal))
        return known

    def _find_trees(self, goal: Goal) -> Iterator[tuple[nodes.Node, Spec]]:
        tree = goal.tree
        if goal.offer and goal.owner.item is not None:
            tree = self.tree(goal.owner.item.choice_filter)
        waiting = [(tree, goal.owner)]
        seen: set[int] = set()
        while waiting:
            tree, owner = waiting.pop()
            if tree is None:
                continue
            yield tree, owner
            for spec in self._reads(tree, owner, goal):
                if spec.index not in seen:
                    seen.add(spec.index)
                    waiting.append((self.calculation(spec), spec))

    def may_answer(self, spec: Spec) -> bool:
        item = spec.item
        return item is not None and item.is_asked and fixed(item.read_only) is not True

    def _reads(self, tree: nodes.Node, owner: Spec, goal: Goal) -> list[Spec]:
        is_filter = bool(goal.offer) and owner is goal.owner
        list_name = owner.item.choices if is_filter and owner.item is not None else ""
        found = analyse(tree, self.schema, self.lists, owner, list_name=list_name)
        return sorted(found.reads, key=lambda spec: spec.index)

    def calculation(self, spec: Spec | None) -> nodes.Node | None:
        item = spec.item if spec else None
        return self.tree(item.calculation) if item is not None and not item.is_asked else None

    def resolved(self, reference: nodes.Reference) -> Spec | None:
        try:
            return self.schema.resolve(reference)
        except ExpressionError:
            return None

    def tree(self, source: str) -> nodes.Node | None:
        if source not in self._trees:
            self._trees[source] = parsed(source)
        return self._trees[source]

    def _keep(self, tree: nodes.Node) -> nodes.Node:
        self._kept.append(tree)
        return tree


def waits(spec: Spec) -> bool:
    """Whether a calculation isn't worked out anew each time."""
    return spec.item is not None and bool(spec.item.trigger)
