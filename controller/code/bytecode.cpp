// SPDX-License-Identifier: Apache-2.0
// The pure half: which files importlib would load, and what a comparison says of the verdicts.
#include "controller/code/bytecode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/code/pyc.hpp"
#include "controller/dockerfile/ignore.hpp"

namespace trueup::code {
namespace {

constexpr std::size_t kept_findings = 20;
constexpr std::size_t kept_verdicts = 200'000;

// Their sources are no commit's, so nobody compares them either.
constexpr std::array<std::string_view, 4> foreign_folders{"/site-packages/", "/dist-packages/",
                                                          "/node_modules/", "/.git/"};

bool is_foreign(std::string_view path) {
    return std::any_of(
        foreign_folders.begin(), foreign_folders.end(),
        [&](std::string_view folder) { return path.find(folder) != std::string_view::npos; });
}

class Search {
public:
    Search(const ExpectedCode& expected, const FoundFiles& found)
        : expected_(expected), found_(found) {
        std::vector<std::string> globs;
        for (const std::string& glob : expected.ignore) globs.push_back(glob.substr(1));
        auto rules = dockerfile::Ignore::of(globs, "code.ignore");
        if (rules) ignored_ = std::move(*rules);
    }

    std::vector<BytecodeFile> run() const {
        std::vector<BytecodeFile> files;
        for (const auto& [path, found] : found_) {
            auto file = look_at(path, found);
            if (file) files.push_back(std::move(*file));
        }
        return files;
    }

private:
    std::optional<BytecodeFile> look_at(const std::string& path, const FoundFile& found) const {
        if (path.ends_with("/__pycache__") && found.symlink) return linked_folder(path, found);
        const auto name = read_pyc_name(path);
        if (!name || is_left_out(path, name->source)) return std::nullopt;
        BytecodeFile file;
        file.path = path;
        file.object_id = found.object_id;
        const PycHeader header = read_pyc_header(found.head);
        // What a link leads to was not read, and some files cannot be read as a whole.
        if (found.symlink || found.object_id.empty()) file.reproducible = false;
        if (!found.symlink && header.form > PycForm::unchecked_hash) return std::nullopt;
        return name->cached ? cached(*name, header, std::move(file))
                            : alone(*name, header, std::move(file));
    }

    std::optional<BytecodeFile> cached(const PycName& name, const PycHeader& header,
                                       BytecodeFile file) const {
        const auto source = found_.find(name.source);
        const bool is_level =
            name.optimization.empty() || name.optimization == "1" || name.optimization == "2";
        if (source == found_.end() || !is_level) return std::nullopt;
        const FoundFile& code = source->second;
        const bool readable = !code.symlink && !code.object_id.empty() && file.reproducible;
        if (readable && header.form == PycForm::timestamp &&
            (header.mtime != static_cast<std::uint32_t>(code.mtime) ||
             header.size != static_cast<std::uint32_t>(code.size)))
            return std::nullopt;
        file.source = name.source;
        file.source_id = code.object_id;
        file.reproducible = readable;
        file.tag = name.tag;
        file.optimization = name.optimization;
        return file;
    }

    // Where a source or a package of that name is, importlib takes that.
    std::optional<BytecodeFile> alone(const PycName& name, const PycHeader& header,
                                      BytecodeFile file) const {
        const std::string package = name.source.substr(0, name.source.size() - 3);
        if (found_.contains(name.source) || found_.contains(package + "/__init__.py"))
            return std::nullopt;
        if (!file.reproducible) return file;
        file.tag = std::string(tag_of_magic(header.magic));
        return file;
    }

    // Nobody saw what is behind it, and importlib would follow it.
    std::optional<BytecodeFile> linked_folder(const std::string& path,
                                              const FoundFile& found) const {
        if (is_left_out(path, path)) return std::nullopt;
        BytecodeFile file;
        file.path = path;
        file.object_id = found.object_id;
        file.reproducible = false;
        return file;
    }

    bool is_left_out(const std::string& path, const std::string& source) const {
        if (is_foreign(path) && !expected_.files.contains(source)) return true;
        return ignored_.excludes(std::string_view(path).substr(1)) ||
               ignored_.excludes(std::string_view(source).substr(1));
    }

    const ExpectedCode& expected_;
    const FoundFiles& found_;
    dockerfile::Ignore ignored_;
};

// With the slash at its end; "" of a file at the commit's root.
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// As the commit names it, where it lies beside one of the commit's files.
model::BytecodeFinding finding_of(const BytecodeFile& file, const ExpectedCode& expected,
                                  model::BytecodeFault fault) {
    model::BytecodeFinding finding{file.path, file.source, fault};
    const auto source = expected.files.find(file.source);
    if (source == expected.files.end()) return finding;
    const std::string& commit_path = source->second.commit_path;
    const std::string here = folder_of(file.source);
    const std::string there = folder_of(commit_path);
    finding.path = there + file.path.substr(here.size());
    finding.source = commit_path;
    return finding;
}

std::optional<model::BytecodeFault> fault_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::trusted:
        case Verdict::unused: break;
        case Verdict::differs: return model::BytecodeFault::differs;
        case Verdict::sourceless: return model::BytecodeFault::sourceless;
        case Verdict::broken: return model::BytecodeFault::broken;
        case Verdict::uncompilable: return model::BytecodeFault::uncompilable;
        case Verdict::endless:
        case Verdict::unproven: return model::BytecodeFault::unproven;
    }
    return std::nullopt;
}

std::optional<Verdict> to_verdict(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, Verdict>, 9> words{
        {{"trusted", Verdict::trusted},
         {"unused", Verdict::unused},
         {"other", Verdict::unused},
         {"gone", Verdict::unused},
         {"differs", Verdict::differs},
         {"sourceless", Verdict::sourceless},
         {"broken", Verdict::broken},
         {"uncompilable", Verdict::uncompilable},
         {"unproven", Verdict::unproven}}};
    for (const auto& [text, verdict] : words) {
        if (text == word) return verdict;
    }
    return std::nullopt;
}

}    // namespace

std::vector<std::string> places_of(const model::BytecodeFinding& finding,
                                   const ExpectedCode& expected) {
    if (finding.path.starts_with('/')) return {finding.path};
    const std::string beside = folder_of(finding.source);
    std::vector<std::string> places;
    for (const auto& [path, file] : expected.files)
        if (file.commit_path == finding.source && finding.path.starts_with(beside))
            places.push_back(folder_of(path) + finding.path.substr(beside.size()));
    return places;
}

std::vector<BytecodeFile> bytecode_in_use(const ExpectedCode& expected, const FoundFiles& found) {
    return Search(expected, found).run();
}

const Verdict* Verdicts::find(const BytecodeFile& file, const std::string& identity) const {
    if (!file.reproducible) return nullptr;
    const auto known =
        verdicts_.find(Key(file.object_id, file.source_id, file.optimization, identity));
    return known == verdicts_.end() ? nullptr : &known->second;
}

void Verdicts::put(const BytecodeFile& file, const std::string& identity, Verdict verdict) {
    // `unused` may be by the time of a source that changed meanwhile; unproven is no verdict.
    if (!file.reproducible || verdict == Verdict::unused || verdict == Verdict::unproven) return;
    if (verdicts_.size() >= kept_verdicts) verdicts_.clear();
    verdicts_.insert_or_assign(Key(file.object_id, file.source_id, file.optimization, identity),
                               verdict);
}

const Verdicts::Interpreter* Verdicts::interpreter(const std::string& place,
                                                   const std::string& tag) const {
    const auto known = interpreters_.find(std::make_pair(place, tag));
    return known == interpreters_.end() ? nullptr : &known->second;
}

void Verdicts::put_interpreter(const std::string& place, const std::string& tag,
                               Interpreter interpreter) {
    if (interpreters_.size() >= kept_verdicts) interpreters_.clear();
    interpreters_.insert_or_assign(std::make_pair(place, tag), std::move(interpreter));
}

std::string Verdicts::any_program(const std::string& place) const {
    for (auto known = interpreters_.lower_bound(std::make_pair(place, std::string()));
         known != interpreters_.end() && known->first.first == place; ++known) {
        if (!known->second.program.empty()) return known->second.program;
    }
    return {};
}

std::optional<Answer> read_answer(std::string_view output) {
    const auto lines = base::split(output, '\n');
    Answer answer;
    answer.identity = std::string(lines.front());
    const std::size_t space = answer.identity.find(' ');
    // "cpython-311 30b07f0"; the last line has no end yet, or is empty.
    if (lines.size() < 2 || space == std::string::npos || space == 0) return std::nullopt;
    answer.tag = answer.identity.substr(0, space);
    unsigned version = 0;
    const char* end = answer.identity.data() + answer.identity.size();
    const auto read = std::from_chars(answer.identity.data() + space + 1, end, version, 16);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    for (std::size_t at = 1; at + 1 < lines.size(); ++at) {
        const auto verdict = to_verdict(lines[at]);
        if (!verdict) return std::nullopt;
        answer.verdicts.push_back(*verdict);
    }
    return answer;
}

std::vector<std::string> interpreter_programs(const std::string& tag) {
    constexpr std::string_view cpython = "cpython-3";
    std::vector<std::string> programs;
    if (tag.starts_with(cpython) && tag.size() <= cpython.size() + 2) {
        const std::string versioned = "python3." + tag.substr(cpython.size());
        programs = {versioned, "/usr/local/bin/" + versioned, "/usr/bin/" + versioned};
    }
    for (const char* program : {"python3", "python", "/usr/local/bin/python3", "/usr/bin/python3"})
        programs.emplace_back(program);
    return programs;
}

void add_findings(Comparison& comparison, const ExpectedCode& expected,
                  const std::vector<BytecodeFile>& files, const std::vector<Verdict>& verdicts,
                  bool unproven_is_stale) {
    model::CodeState& state = comparison.state;
    if (state.status == model::CodeStatus::unknown) return;
    bool is_unproven = false;
    for (std::size_t at = 0; at < files.size(); ++at) {
        const auto fault = fault_of(verdicts.at(at));
        if (!fault) continue;
        comparison.untrusted.push_back(files[at].path);
        if (*fault == model::BytecodeFault::unproven && !unproven_is_stale)
            is_unproven = true;
        else
            state.status = model::CodeStatus::stale;
        state.bytecode.push_back(finding_of(files[at], expected, *fault));
    }
    state.bytecode_count = state.bytecode.size();
    // What is known to be wrong first: it is what is told when only some are kept.
    std::stable_sort(state.bytecode.begin(), state.bytecode.end(),
                     [](const auto& left, const auto& right) { return left.fault < right.fault; });
    if (state.bytecode.size() > kept_findings) state.bytecode.resize(kept_findings);
    if (is_unproven && state.status == model::CodeStatus::fresh)
        state.status = model::CodeStatus::unknown;
}

}    // namespace trueup::code
