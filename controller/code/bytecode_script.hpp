// SPDX-License-Identifier: Apache-2.0
// The program that a container's own interpreter runs to judge byte code. CPython 3.8 and newer;
// nothing of the site, of the environment or of the application is imported (-I -S), nothing is
// written (-B), and memory and time are bounded: all of it by SIGALRM, the time of the processor over
// one file by SIGPROF, which no load of the machine brings about; where the container's own limit is
// too small for the application and this, the kernel ends this.
//
// Arguments, five to a file: path of the .pyc, path of its source ("" = it needs none), both as
// hex, the optimization ("", "1", "2"), and git's ids of both contents as they were read before
// ("" = not known): a file that changed since then is `unproven`, since its verdict would be taken
// for the one of what it was. Answer: a line with the interpreter's cache tag and
// version, then a line to a file, as to_verdict() reads it, in the order of the arguments. What
// importlib._bootstrap_external would not use is `unused`, before anything is unmarshalled. Code
// objects are compared with all that they hold but the name of the file they were compiled from, and
// the columns of their lines, which -X no_debug_ranges leaves out.
#pragma once

#include <string_view>

namespace trueup::code {

inline constexpr std::string_view bytecode_script = R"python(
import sys
def judge_all(arguments):
    import _frozen_importlib_external as machinery, _imp, marshal, os, stat
    start_clock = lambda: None
    try:
        os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'1000')
    except OSError:
        pass
    try:
        import signal
        signal.alarm(25)
        start_clock = lambda: signal.setitimer(signal.ITIMER_PROF, 10)
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    except Exception:
        pass
    say = lambda line: (sys.stdout.write(line + '\n'), sys.stdout.flush())
    magic = machinery.MAGIC_NUMBER
    limit = 32 << 20
    code_type = type(judge_all.__code__)
    parts = [name for name in (
        'co_name', 'co_qualname', 'co_argcount', 'co_posonlyargcount', 'co_kwonlyargcount',
        'co_nlocals', 'co_stacksize', 'co_flags', 'co_firstlineno', 'co_code', 'co_names',
        'co_varnames', 'co_freevars', 'co_cellvars', 'co_exceptiontable', 'co_consts',
    ) if hasattr(code_type, name)]
    has_lines = hasattr(code_type, 'co_lines')
    if not has_lines:
        parts.append('co_lnotab')
    def content(value):
        kind = type(value)
        if kind is code_type:
            lines = tuple(value.co_lines()) if has_lines else ()
            return ('code', lines) + tuple(content(getattr(value, name)) for name in parts)
        if kind is tuple:
            return ('tuple',) + tuple(content(item) for item in value)
        if kind is frozenset:
            return ('set', frozenset(content(item) for item in value))
        if kind in (float, complex):
            return (kind.__name__, repr(value))
        return (kind.__name__, value)
    def read(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return None, None
        with open(descriptor, 'rb') as file:
            status = os.fstat(descriptor)
            return (file.read(limit + 1) if stat.S_ISREG(status.st_mode) else None), status
    def number(data):
        return int.from_bytes(data, 'little')
    def is_other(content, identity):
        if not identity:
            return False
        try:
            from _sha1 import sha1
        except ImportError:
            from hashlib import sha1
        return sha1(b'blob %d\0' % len(content) + content).hexdigest() != identity
    def judge(path, source, optimization, identity, source_identity):
        data, _ = read(path)
        if data is None:
            return 'gone'
        if len(data) > limit or is_other(data, identity):
            return 'unproven'
        if data[:4] != magic:
            return 'other'
        flags = number(data[4:8])
        if len(data) < 16 or flags & ~3:
            return 'unused'
        if not source:
            return 'sourceless'
        text, status = read(source)
        if text is None:
            return 'unused'
        if len(text) > limit or is_other(text, source_identity):
            return 'unproven'
        if flags & 1:
            if flags & 2 and _imp.source_hash(number(magic), text) != data[8:16]:
                return 'unused'
        elif (int(status.st_mtime) & 0xffffffff, status.st_size & 0xffffffff) != (
                number(data[8:12]), number(data[12:16])):
            return 'unused'
        try:
            found = marshal.loads(memoryview(data)[16:])
        except Exception:
            return 'broken'
        if type(found) is not code_type:
            return 'broken'
        try:
            wanted = compile(text, '', 'exec', dont_inherit=True, optimize=int(optimization or 0))
        except Exception:
            return 'uncompilable'
        try:
            return 'trusted' if content(found) == content(wanted) else 'differs'
        except Exception:
            return 'unproven'
    say('%s %x' % (sys.implementation.cache_tag or '-', sys.hexversion))
    for at in range(0, len(arguments), 5):
        start_clock()
        path, source = (bytes.fromhex(text) for text in arguments[at:at + 2])
        say(judge(path, source, *arguments[at + 2:at + 5]))
judge_all(sys.argv[1:])
)python";

}    // namespace trueup::code
