"""Which cells of a notebook its exercises rest on: those that define a name which an exercise, or a cell that it rests on,
uses. The others, most of the experiments, are run by the notebook's own test."""

import ast
import re
import symtable

from IPython.core.inputtransformer2 import TransformerManager

LASTING = ("behave", "mkdir")
"""Methods whose call is kept of each cell: what the provider does, and a folder, last beyond it."""


def needed(sources: list[str], given: dict[int, list[str]]) -> list[str]:
    """The cells to run, or what is needed of them. given: per index of a cell that runs in any case, what else is run at its
    place."""
    kept: list[str] = []
    wanted: set[str] = set()
    for index in reversed(range(len(sources))):
        source = sources[index]
        if index in given:
            wanted |= set().union(*(names(code)[0] for code in given[index]))
        elif not (source.startswith("%%writefile") or (wanted & names(source)[1]) - names(_lasting(source))[1]):
            source = _lasting(source)
        kept.insert(0, source)
        used, defined = names(source)
        wanted = (wanted - defined) | used
    return [source for source in kept if source]


def names(code: str) -> tuple[set[str], set[str]]:
    """What a cell uses of the cells before it, and what it defines for those after it."""
    used: set[str] = set()
    defined: set[str] = set()
    _walk(_statements(code), used, defined)
    in_braces = re.findall(r"^!.*$", code, flags=re.MULTILINE)
    return used | set(re.findall(r"\{(\w+)", " ".join(in_braces))), defined


def _statements(code: str) -> list[ast.stmt]:
    try:
        return ast.parse(TransformerManager().transform_cell(code)).body
    except SyntaxError:  # an answer, whose very subject that is
        return []


def _lasting(code: str) -> str:
    """The imports of a cell, the calls that last, and what those are called on."""
    kept: list[str] = []
    wanted: set[str] = set()
    for part in reversed(_statements(code)):
        method = getattr(part.value.func, "attr", "") if _is_call(part) else ""
        used, defined = names(line := ast.unparse(part))
        if isinstance(part, ast.Import | ast.ImportFrom) or method in LASTING or defined & wanted:
            kept.insert(0, line)
            wanted = (wanted - defined) | used
    return "\n".join(kept)


def _is_call(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Call)


def _walk(body: list[ast.stmt], used: set[str], defined: set[str]) -> None:
    """Statement by statement: a name that was defined before is not used of another cell."""
    for statement in body:
        blocks = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        if any(blocks) and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            blocks += [handler.body for handler in getattr(statement, "handlers", [])]
            items = getattr(statement, "items", [])
            is_loop = isinstance(statement, ast.For)
            read = [statement.iter] if is_loop else ast.iter_child_nodes(statement)
            bound = [statement.target] if is_loop else [item.optional_vars for item in items if item.optional_vars]
            head = [ast.Expr(part) for part in read if isinstance(part, ast.expr)]
            head += [ast.Expr(item.context_expr) for item in items]
            head += [ast.Assign([part], ast.Constant(0)) for part in bound]
            _walk(head, used, defined)
            for block in blocks:
                _walk(block, used, defined)
            continue
        code = ast.unparse(ast.fix_missing_locations(ast.Module([statement], [])))
        table = symtable.symtable(code, "a cell", "exec")
        used |= _globals_of(table) - defined
        defined |= {name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported()}


def _globals_of(table: symtable.SymbolTable) -> set[str]:
    here = {
        name.get_name()
        for name in table.get_symbols()
        if name.is_referenced() and (table.get_type() == "module" or name.is_global())
    }
    return here.union(*(_globals_of(child) for child in table.get_children()))
