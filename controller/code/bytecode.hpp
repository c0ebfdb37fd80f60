// SPDX-License-Identifier: Apache-2.0
// Byte code that CPython would run in place of a source file: which files of a container could be
// that, and whether they may. A header that matches proves nothing: the code in the file must be
// what the container's own interpreter makes of the source that is there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "controller/code/scan.hpp"

namespace trueup::code {

enum class Verdict : std::uint8_t {
    trusted,         // what a fresh compile of the source gives
    unused,          // the interpreter would compile the source anew, or has no use for the file
    differs,         // other code than the source's
    sourceless,      // runs, and there is no source
    broken,          // holds nothing that could be loaded
    uncompilable,    // the source does not compile, so this is not its code
    endless,         // the interpreter was still at it when its time was over: nobody can tell
    unproven         // nobody could tell this time
};

struct BytecodeFile {
    std::string path;
    std::string object_id;
    std::string source;       // "" = none is needed
    std::string source_id;    // git blob id
    std::string tag;          // of the interpreter that would use it; "" = any may
    std::string optimization;
    bool reproducible = true;    // the ids tell all that the verdict depends on

    bool operator==(const BytecodeFile&) const = default;
};

// Pure: the .pyc files in `found` that an interpreter of their tag would load: in __pycache__ with a
// header that fits the source beside it, or alone where no source is. Not those that code.ignore
// names, nor those of packages in site-packages that are not the commit's.
std::vector<BytecodeFile> bytecode_in_use(const ExpectedCode& expected, const FoundFiles& found);

// Where a finding lies in the container: in several places where its source was copied to several.
std::vector<std::string> places_of(const model::BytecodeFinding& finding,
                                   const ExpectedCode& expected);

// What interpreters said, so that they are not asked again: by content of both files and interpreter.
class Verdicts {
public:
    struct Interpreter {
        std::string program;     // as it is started
        std::string identity;    // cache tag and version; "" = none of that tag is there
        bool others = false;     // the container's own Python answered, of another tag
        bool own = false;        // this is what the container itself is run by
    };

    const Verdict* find(const BytecodeFile& file, const std::string& identity) const;
    void put(const BytecodeFile& file, const std::string& identity, Verdict verdict);
    // `place`: a container's or an image's id.
    const Interpreter* interpreter(const std::string& place, const std::string& tag) const;
    void put_interpreter(const std::string& place, const std::string& tag, Interpreter interpreter);
    // One that was found there; "" = none.
    std::string any_program(const std::string& place) const;

private:
    using Key = std::tuple<std::string, std::string, std::string, std::string>;
    std::map<Key, Verdict> verdicts_;
    std::map<std::pair<std::string, std::string>, Interpreter> interpreters_;
};

// The answer of bytecode_script, as far as it came.
struct Answer {
    std::string tag;
    std::string identity;
    std::vector<Verdict> verdicts;
};
// Nothing when it is not the answer of that program.
std::optional<Answer> read_answer(std::string_view output);

// The verdict of each file, in order, by the interpreter of a running container; unproven where it
// has none, or does not answer in time, or where its own is not found and the one that answers has
// no use for the file: the other one may have. `own`: programs that may be it, where that is known.
// Asks in portions, and not at all where `verdicts` knows.
// conflict: it does not run.
Task<std::vector<Verdict>> judge_container(engine::Engine& engine, std::string container_id,
                                           std::string place, std::vector<BytecodeFile> files,
                                           Verdicts& verdicts,
                                           std::optional<model::Strings> own = std::nullopt);

// The same in a throw-away container of the image: no network, no volumes, nothing writable, its
// entrypoint not run; removed afterwards.
Task<std::vector<Verdict>> judge_image(engine::Engine& engine, std::string image_id,
                                       std::string owner, std::vector<BytecodeFile> files,
                                       Verdicts& verdicts);

// As it is started for a program of ours: nothing of the site, the environment or the application.
model::Strings interpreter_command(const std::string& program, std::string_view script);

// Programs that may be the interpreter of these files, the likeliest first.
std::vector<std::string> interpreter_programs(const std::string& tag);

// Writes the findings into a comparison: untrusted files make it stale, unproven ones unknown where
// `unproven_is_stale` is false.
void add_findings(Comparison& comparison, const ExpectedCode& expected,
                  const std::vector<BytecodeFile>& files, const std::vector<Verdict>& verdicts,
                  bool unproven_is_stale);

}    // namespace trueup::code
