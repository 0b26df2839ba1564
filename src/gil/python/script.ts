/**
 * The query to Python's own compiler, as a program in Python: it prints a file's code objects as JSON.
 *
 * It runs under 3.9 to 3.13 and needs only the standard library. Differences between versions are kept, so that the
 * machine sees the version's own instructions; only jump targets become the index of an instruction.
 */

/**
 * A script for `python3 - FILE`, which prints what {@link readListing} takes: the file's code objects as that Python
 * compiled them. The file is compiled, not run.
 *
 * @example
 * ```ts
 * import { LISTING_SCRIPT } from 'atomics-sync-free/gil/outcomes';
 * // execFileSync('python3', ['-', 'prog.py'], { input: LISTING_SCRIPT, encoding: 'utf8' })
 * console.log(LISTING_SCRIPT.includes('import dis')); // true
 * ```
 */
export const LISTING_SCRIPT = `
import dis, json, sys, types

def constant(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and abs(value) < 2 ** 53:
        return value
    if isinstance(value, types.CodeType):
        return {'code': listing(value)}
    if isinstance(value, float):
        return {'float': value}
    if isinstance(value, tuple):
        return {'tuple': [constant(item) for item in value]}
    if isinstance(value, frozenset):
        return {'frozenset': sorted((constant(item) for item in value), key=repr)}
    return {'unsupported': repr(value)}

def operand(code, instruction, places):
    name, value = instruction.opname, instruction.argval
    if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
        return places[value]
    if name == 'BINARY_OP':
        return instruction.argrepr
    if name == 'COMPARE_OP':
        return value
    if name == 'KW_NAMES':
        return list(code.co_consts[instruction.arg])
    if isinstance(value, str) and name != 'LOAD_CONST':
        return value
    if isinstance(value, tuple) and 'FAST' in name:
        return list(value)
    return None

def listing(code):
    instructions = list(dis.get_instructions(code))
    places = {instruction.offset: at for at, instruction in enumerate(instructions)}
    places[len(code.co_code)] = len(instructions)
    rows = []
    line = code.co_firstlineno
    for instruction in instructions:
        positions = getattr(instruction, 'positions', None)
        if positions is not None:
            line = positions.lineno or line
        elif instruction.starts_line is not None:
            line = instruction.starts_line
        rows.append([instruction.opname, instruction.arg, operand(code, instruction, places), line])
    handlers = []
    if hasattr(dis, '_parse_exception_table'):
        def place(offset):
            return next((at for at, i in enumerate(instructions) if i.offset >= offset), len(instructions))
        for entry in dis._parse_exception_table(code):
            handlers.append([place(entry.start), place(entry.end), places[entry.target], entry.depth, entry.lasti])
    return {
        'name': code.co_name,
        'line': code.co_firstlineno,
        'arguments': [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount],
        'flags': code.co_flags,
        'locals': list(code.co_varnames),
        'cells': list(code.co_cellvars),
        'free': list(code.co_freevars),
        'constants': [constant(value) for value in code.co_consts],
        'instructions': rows,
        'handlers': handlers,
    }

path = sys.argv[1]
with open(path, encoding='utf-8') as file:
    source = file.read()
try:
    module = compile(source, path, 'exec')
except SyntaxError as error:
    sys.exit('%s, line %s: SyntaxError: %s' % (path, error.lineno, error.msg))
version = '.'.join(map(str, sys.version_info[:3]))
print(json.dumps({'python': version, 'file': path, 'source': source, 'module': listing(module)}))
`;
