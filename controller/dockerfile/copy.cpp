// SPDX-License-Identifier: Apache-2.0
// As BuildKit copies: a source that is named is followed when it is a link, one inside a folder stays a
// link; of a folder the content is copied; a file goes into the destination when that ends in "/" or is
// a folder already, and becomes it otherwise. Where only the base image knows whether it is one, the
// name decides if it can only be meant as a file, and else it is said.
#include "controller/dockerfile/copy.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/base/digest.hpp"
#include "controller/dockerfile/copy_sources.hpp"

namespace trueup::dockerfile {
namespace {

using Kind = StageFiles::Kind;
using Origin = Untraced::Origin;

constexpr std::size_t most_untraced = 100;

bool has_variable(std::string_view word) { return word.find('$') != std::string_view::npos; }

// "<<EOF", "3<<EOF"
bool is_heredoc(std::string_view word) {
    const std::size_t start = word.find_first_not_of("0123456789");
    return start != std::string_view::npos && word.substr(start).starts_with("<<");
}

std::optional<bool> executable_of(const Instruction& instruction) {
    const auto mode = instruction.flag("chmod");
    if (!mode || mode->empty() || mode->size() > 5) return std::nullopt;
    if (mode->find_first_not_of("01234567") != std::string::npos) return std::nullopt;
    return (std::stoul(*mode, nullptr, 8) & 0100U) != 0;
}

model::Strings excludes_of(const Instruction& instruction) {
    constexpr std::string_view flag = "--exclude=";
    model::Strings globs;
    for (const std::string& text : instruction.flags) {
        if (text.starts_with(flag)) globs.push_back(text.substr(flag.size()));
    }
    return globs;
}

bool is_set(const Instruction& instruction, std::string_view flag) {
    const auto value = instruction.flag(flag);
    return value && *value != "false";
}

class Copy {
public:
    Copy(const Instruction& instruction, const CopyFrom& from, StageState& to, Budget& budget)
        : instruction_(instruction),
          from_(from),
          to_(to),
          budget_(budget),
          executable_(executable_of(instruction)),
          exclude_(excludes_of(instruction)) {
        // One that is no pattern fails the build.
        if (auto rules = Ignore::of(exclude_, "--exclude")) excluded_ = std::move(*rules);
    }

    void run() {
        if (!find_target()) return;
        std::size_t heredoc = 0;
        for (std::size_t index = 0; index + 1 < instruction_.words.size(); ++index) {
            const std::string& word = instruction_.words[index];
            if (is_heredoc(word) && heredoc < instruction_.heredocs.size())
                write(instruction_.heredocs[heredoc++]);
            else
                copy_word(word);
        }
    }

private:
    struct Source {
        std::string name;
        std::string path;    // with links followed
    };

    void say(Origin origin, std::string why, std::string advice = {}) {
        add_untraced(to_, origin, instruction_, std::move(why), std::move(advice));
    }

    // Something that is not known is put there.
    void doubt_target() { budget_.step(to_.files.doubt(target_, instruction_.position.line)); }

    Origin origin() const { return from_.stage == nullptr ? Origin::commit : Origin::stage; }

    bool find_target() {
        const std::string& written = instruction_.words.back();
        if (has_variable(written)) {
            say(origin(),
                fmt::format("'{}' has a variable that only the base image may set", written),
                "give it a value with ARG or ENV");
            return false;
        }
        if (!written.starts_with('/') && !to_.directory) {
            say(origin(),
                fmt::format("'{}' is relative, and only the base image knows its WORKDIR", written),
                "set WORKDIR to an absolute path first");
            return false;
        }
        auto resolved = to_.files.resolve(absolute_path(to_.directory.value_or("/"), written));
        if (!resolved) {
            say(origin(), fmt::format("the links to '{}' go in a circle", written));
            return false;
        }
        target_ = std::move(*resolved);
        // Several sources need a folder.
        into_folder_ = written.ends_with('/') || written == "." || instruction_.words.size() > 2 ||
                       to_.files.kind(target_) == Kind::folder;
        return true;
    }

    void put(const std::string& path, TracedFile file) {
        if (!budget_.file()) return;
        if (!file.symlink && executable_) file.executable = *executable_;
        if (from_.stage != nullptr) add_changers(*from_.stage, file);
        file.position = instruction_.position;
        file.step = to_.steps();
        to_.files.put(path, std::move(file));
    }

    void add_root(const std::string& path, const std::string& commit_path) {
        to_.roots.insert_or_assign(path, TracedRoot{path, commit_path, exclude_});
    }

    void write(const Heredoc& heredoc) {
        if (heredoc.expands) {
            return say(
                Origin::commit,
                fmt::format("the text of <<{} has a variable that only the base image may set",
                            heredoc.name),
                "quote its name, or give the variable a value with ARG or ENV");
        }
        TracedFile file;
        file.object_id = base::git_blob_id(heredoc.content);
        file.commit_path = instruction_.position.file;
        const std::string path = into_folder_ ? below_folder(target_, heredoc.name) : target_;
        add_root(path, file.commit_path);
        put(path, std::move(file));
    }

    void copy_word(const std::string& word) {
        if (has_variable(word)) {
            return say(origin(),
                       fmt::format("'{}' has a variable that only the base image may set", word),
                       "give it a value with ARG or ENV");
        }
        if (instruction_.name == "ADD" && is_remote(word)) {
            doubt_target();
            return say(Origin::elsewhere, "what it fetches is no file of the commit");
        }
        if (is_set(instruction_, "parents")) return copy_with_parents(word);
        std::vector<Source> files;
        std::size_t folders = 0;
        for (const std::string& name : match_sources(*from_.files, word, budget_)) {
            const auto path = from_.files->resolve(name);
            if (!path) continue;
            const Kind kind = from_.files->kind(*path);
            if (kind == Kind::unknown) say_made(word);
            if (kind == Kind::folder) {
                ++folders;
                copy_folder(word, *path);
            }
            if (kind == Kind::file && unpacks(*path))
                say_unpacked(*path);
            else if (kind == Kind::file && !is_excluded(std::string(name_of(name)), name))
                files.push_back({name, *path});
        }
        copy_files(files);
        // Of what an earlier stage made, a wildcard may match anything.
        if (files.empty() && folders == 0 && from_.stage != nullptr && !from_.files->whole)
            say_made(word);
    }

    bool unpacks(const std::string& path) const {
        return instruction_.name == "ADD" && is_archive(path) &&
               instruction_.flag("unpack") != "false";
    }

    void say_unpacked(const std::string& path) {
        doubt_target();
        say(Origin::commit,
            fmt::format("ADD unpacks {}, and what is in it is not followed", path.substr(1)),
            "COPY it, or the files themselves");
    }

    void say_made(const std::string& word) {
        doubt_target();
        // Told once an instruction.
        if (std::exchange(said_made_, true)) return;
        say(Origin::stage, fmt::format("'{}' was made in stage {}, it is no file of the commit",
                                       word, from_.name));
    }

    // Which of these a pattern means is not the same in every version of the builder; a file that is
    // perhaps left out is not expected.
    bool is_excluded(const std::string& relative, const std::string& path) {
        if (excluded_.empty()) return false;
        budget_.step(1 + exclude_.size());
        return excluded_.excludes(relative) || excluded_.excludes(name_of(path)) ||
               excluded_.excludes(std::string_view(path).substr(1));
    }

    void copy_folder(const std::string& word, const std::string& path) {
        to_.files.make_folder(target_);
        const auto [first, last] = from_.files->below(path);
        if (first == last && from_.stage != nullptr) return say_made(word);
        std::vector<std::pair<std::string, TracedFile>> found;
        const std::size_t prefix = below_folder(path, "").size();
        for (auto entry = first; entry != last && !budget_.spent; ++entry) {
            std::string relative = entry->first.substr(prefix);
            if (!is_excluded(relative, entry->first))
                found.emplace_back(below_folder(target_, relative), entry->second);
        }
        for (auto& [place, file] : found) put(place, std::move(file));
        add_roots(path);
    }

    // Of a stage, only where files of the commit are: the rest of a copied "/" is the base image's.
    void add_roots(const std::string& path) {
        if (from_.stage == nullptr) {
            if (target_ != "/") return add_root(target_, in_commit(path));
            for (const std::string& name : from_.files->names(path))
                add_root("/" + name, in_commit(below_folder(path, name)));
            return;
        }
        const std::string prefix = below_folder(path, "");
        for (const auto& [place, root] : from_.stage->roots) {
            if (!budget_.step()) return;
            if (path == place || path.starts_with(below_folder(place, "")))
                add_entries(path, root.commit_path);
            else if (place.starts_with(prefix))
                add_root(below_folder(target_, place.substr(prefix.size())), root.commit_path);
        }
    }

    // The root itself is never one: all of the image would be read.
    void add_entries(const std::string& path, const std::string& commit_path) {
        if (target_ != "/") return add_root(target_, commit_path);
        for (const std::string& name : from_.files->names(path)) add_root("/" + name, commit_path);
    }

    std::string in_commit(const std::string& path) const {
        const std::string inside = path.substr(1);
        if (from_.directory.empty() || inside.empty())
            return from_.directory.empty() ? inside : from_.directory;
        return from_.directory + "/" + inside;
    }

    void copy_files(const std::vector<Source>& files) {
        if (files.empty()) return;
        const bool unknown = !into_folder_ && to_.files.kind(target_) == Kind::unknown;
        if (unknown && (files.size() > 1 || !names_a_file(files.front().name, target_))) {
            return say(Origin::commit,
                       fmt::format("whether {} is a folder, only the base image knows", target_),
                       "end it with '/' when it is one");
        }
        for (const Source& source : files) {
            TracedFile file = from_.files->files().at(source.path);
            const std::string path =
                into_folder_ ? below_folder(target_, name_of(source.name)) : target_;
            // A link with the name is written through.
            const auto resolved = to_.files.resolve(path);
            if (!resolved) continue;
            add_root(*resolved, file.commit_path);
            put(*resolved, std::move(file));
        }
    }

    // "src/./app/**/*.py": what stands before "/./" is not kept.
    void copy_with_parents(const std::string& word) {
        const std::size_t pivot = word.find("/./");
        const std::string folder =
            pivot == word.npos ? "/" : absolute_path("/", word.substr(0, pivot));
        const std::string rest =
            absolute_path("/", pivot == word.npos ? word : word.substr(pivot + 2)).substr(1);
        const auto include = Ignore::of({rest.empty() ? "**" : rest}, "--parents");
        const auto base = from_.files->resolve(folder);
        if (!include || !base) return;
        const std::string prefix = below_folder(*base, "");
        const auto [first, last] = from_.files->below(*base);
        std::vector<std::pair<std::string, TracedFile>> found;
        for (auto entry = first; entry != last; ++entry) {
            if (!budget_.step(1 + entry->first.size() / 8)) return;
            const std::string relative = entry->first.substr(prefix.size());
            if (include->excludes(relative) && !is_excluded(relative, entry->first))
                found.emplace_back(relative, entry->second);
        }
        for (auto& [relative, file] : found) {
            const std::string top = relative.substr(0, relative.find('/'));
            add_root(below_folder(target_, top), in_commit(below_folder(*base, top)));
            put(below_folder(target_, relative), std::move(file));
        }
        if (found.empty() && from_.stage != nullptr) say_made(word);
    }

    const Instruction& instruction_;
    const CopyFrom& from_;
    StageState& to_;
    Budget& budget_;
    std::optional<bool> executable_;
    model::Strings exclude_;
    Ignore excluded_;
    std::string target_;
    bool into_folder_ = false;
    bool said_made_ = false;
};

}    // namespace

void add_changers(const StageState& state, TracedFile& file) {
    if (file.step >= state.steps()) return;
    file.changeable = true;
    // A RUN of ONBUILD stands where that does: above what it comes after.
    for (const std::uint32_t line : {state.runs[file.step], state.runs.back()})
        file.changers.add(line);
}

void add_untraced(StageState& state, Untraced::Origin origin, const Instruction& instruction,
                  std::string why, std::string advice) {
    if (state.untraced.size() >= most_untraced) return;
    Problem problem{instruction.position, fmt::format("{}: {}", instruction.name, why),
                    std::move(advice)};
    state.untraced.push_back({origin, std::move(problem)});
}

void carry_out(const Instruction& instruction, const CopyFrom& from, StageState& to,
               Budget& budget) {
    Copy(instruction, from, to, budget).run();
}

}    // namespace trueup::dockerfile
