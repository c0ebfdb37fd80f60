// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "controller/code/scan.hpp"
#include "controller/dockerfile/ignore.hpp"

namespace trueup::code {
namespace {

using model::FileChange;

constexpr std::array<std::string_view, 24> source_endings{
    ".py", ".pyw",  ".js",  ".mjs", ".cjs", ".ts",  ".jsx", ".tsx",  ".rb", ".php", ".pl", ".pm",
    ".sh", ".bash", ".lua", ".ex",  ".exs", ".erl", ".go",  ".java", ".kt", ".tcl", ".r",  ".jl"};

// Folders whose content no commit has: packages and caches that tools make.
constexpr std::array<std::string_view, 4> foreign_folders{"/node_modules/", "/__pycache__/",
                                                          "/.git/", "/site-packages/"};

constexpr std::size_t most_of_build = 20;

// A build step makes such files of any code.
bool may_be_of_build(FileChange change) {
    return change == FileChange::extra || change == FileChange::mode;
}

class Differences {
public:
    Differences(const ExpectedCode& expected, model::CodeState& state)
        : state_(state), most_(expected.most_differences) {
        state_.code_id = expected.code_id;
        state_.files = expected.files.size();
    }
    void add(const std::string& path, FileChange change) {
        ++state_.difference_count;
        state_.differences.push_back({path, change});
    }
    void add_of_build(const std::string& path, FileChange change) {
        ++state_.of_build_count;
        if (state_.of_build.size() < most_of_build) state_.of_build.push_back({path, change});
    }
    void finish() {
        // Changed and missing files first: they matter most when only some are kept.
        std::sort(state_.differences.begin(), state_.differences.end(),
                  [](const auto& left, const auto& right) {
                      return std::tuple(may_be_of_build(left.change), left) <
                             std::tuple(may_be_of_build(right.change), right);
                  });
        if (state_.differences.size() > most_) state_.differences.resize(most_);
        state_.status =
            state_.difference_count == 0 ? model::CodeStatus::fresh : model::CodeStatus::stale;
        // Nothing was looked at: no file of the commit is behind the mappings.
        if (state_.files == 0) state_.status = model::CodeStatus::unknown;
    }

private:
    model::CodeState& state_;
    std::size_t most_;
};

bool same_content(const ExpectedFile& expected, const FoundFile& found) {
    return expected.object_id == found.object_id && expected.symlink == found.symlink;
}

BuiltFile built_file(const FoundFile& found) {
    return {found.object_id, found.executable, found.symlink};
}

const BuiltFile* find_built(const Manifest* manifest, const std::string& path) {
    if (manifest == nullptr) return nullptr;
    const auto built = manifest->find(path);
    return built == manifest->end() ? nullptr : &built->second;
}

// How it differs from what the build made, where it made anything.
FileChange against(const BuiltFile* built, const BuiltFile& there, FileChange change) {
    if (built == nullptr) return change;
    if (there.object_id.empty()) return FileChange::missing;
    const bool same = built->object_id == there.object_id && built->symlink == there.symlink;
    return same ? FileChange::mode : FileChange::modified;
}

class Ignored {
public:
    explicit Ignored(const ExpectedCode& expected) {
        std::vector<std::string> globs;
        for (const std::string& glob : expected.ignore) globs.push_back(glob.substr(1));
        rules_ = dockerfile::Ignore::of(globs, "code.ignore");
    }
    bool has(const std::string& path) const {
        return rules_ && rules_->excludes(std::string_view(path).substr(1));
    }

private:
    Result<dockerfile::Ignore> rules_ = Error();
};

// A link has no mode of its own.
bool same_mode(const ExpectedFile& expected, const FoundFile& found) {
    return expected.symlink || expected.executable == found.executable;
}

}    // namespace

bool is_source_file(std::string_view path) {
    for (const std::string_view folder : foreign_folders) {
        if (path.find(folder) != std::string_view::npos) return false;
    }
    return std::any_of(source_endings.begin(), source_endings.end(),
                       [&](std::string_view ending) { return path.ends_with(ending); });
}

bool has_file_in(const ExpectedCode& expected, const std::string& path) {
    if (expected.files.contains(path)) return true;
    const std::string below = path.ends_with('/') ? path : path + "/";
    const auto first = expected.files.lower_bound(below);
    return first != expected.files.end() && first->first.starts_with(below);
}

bool is_code(const ExpectedCode& expected, const std::string& path) {
    if (is_source_file(path)) return true;
    if (!path.ends_with(".so")) return false;
    const std::size_t dot = path.find('.', path.rfind('/') + 1);
    return expected.files.contains(path.substr(0, dot) + ".py");
}

Manifest only_modes(const Manifest& manifest, const ExpectedCode& expected) {
    Manifest modes;
    for (const auto& [path, built] : manifest) {
        const auto file = expected.files.find(path);
        if (file == expected.files.end()) continue;
        const bool same =
            file->second.object_id == built.object_id && file->second.symlink == built.symlink;
        if (same) modes.emplace(path, built);
    }
    return modes;
}

model::Strings data_folders(const std::map<std::string, model::ObservedMount>& mounts,
                            const model::Strings& tmpfs, const ExpectedCode& expected) {
    model::Strings folders;
    const auto add = [&](std::string target) {
        while (target.size() > 1 && target.ends_with('/')) target.pop_back();
        if (!has_file_in(expected, target)) folders.push_back(std::move(target));
    };
    for (const auto& [target, mount] : mounts) {
        if (mount.writable) add(target);
    }
    for (const std::string& text : tmpfs) add(text.substr(0, text.find(':')));
    return folders;
}

void leave_out(const model::Strings& data_folders, FoundFiles& found, Manifest& manifest) {
    const auto drop = [](auto& files, const std::string& folder) {
        files.erase(folder);
        const std::string below = folder + "/";
        const auto first = files.lower_bound(below);
        auto last = first;
        while (last != files.end() && last->first.starts_with(below)) ++last;
        files.erase(first, last);
    };
    for (const std::string& folder : data_folders) {
        drop(found, folder);
        drop(manifest, folder);
    }
}

Comparison compare(const ExpectedCode& expected, const FoundFiles& found,
                   const Manifest* manifest) {
    Comparison comparison;
    Differences all(expected, comparison.state);
    Differences apart(expected, comparison.apart);
    std::set<std::string_view> told_already;
    const auto may_be_built = [&](const std::string& path, const std::string& told,
                                  FileChange change, const BuiltFile& there) {
        comparison.of_build.emplace(path, there);
        const BuiltFile* built = find_built(manifest, path);
        if (built == nullptr || *built != there) all.add(told, against(built, there, change));
    };
    const auto differs = [&](const std::string& path, const ExpectedFile& file, FileChange change,
                             const BuiltFile& there) {
        if (file.changeable) {
            const BuiltFile* built = find_built(manifest, path);
            if (manifest == nullptr || (built != nullptr && *built == there)) {
                all.add_of_build(path, change);
                apart.add_of_build(path, change);
            }
            return may_be_built(path, file.commit_path, change, there);
        }
        told_already.insert(path);
        all.add(file.commit_path, change);
        apart.add(file.commit_path, change);
    };
    for (const auto& [path, file] : expected.files) {
        const auto there = found.find(path);
        if (there == found.end())
            differs(path, file, FileChange::missing, {});
        else if (!same_content(file, there->second))
            differs(path, file, FileChange::modified, built_file(there->second));
        else if (!same_mode(file, there->second))
            may_be_built(path, file.commit_path, FileChange::mode, built_file(there->second));
    }
    const Ignored ignored(expected);
    for (const auto& [path, file] : found) {
        if (expected.files.contains(path) || !is_code(expected, path) || ignored.has(path))
            continue;
        may_be_built(path, path, FileChange::extra, built_file(file));
    }
    // What the build made and is not so any more: gone, or the commit's again.
    static const Manifest nothing;
    for (const auto& [path, built] : manifest == nullptr ? nothing : *manifest) {
        if (comparison.of_build.contains(path) || told_already.contains(path)) continue;
        const auto file = expected.files.find(path);
        const auto there = found.find(path);
        const BuiltFile now = there == found.end() ? BuiltFile() : built_file(there->second);
        const std::string& told = file == expected.files.end() ? path : file->second.commit_path;
        if (now != built) all.add(told, against(&built, now, FileChange::modified));
    }
    all.finish();
    apart.finish();
    return comparison;
}

}    // namespace trueup::code
