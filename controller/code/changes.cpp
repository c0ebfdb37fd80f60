// SPDX-License-Identifier: Apache-2.0
#include "controller/code/changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/code/tree_id.hpp"
#include "controller/engine/json_read.hpp"
#include "controller/model/labels.hpp"

namespace trueup::code {
namespace {

using engine::codec::at;

constexpr std::size_t most_asked = 100;
constexpr std::size_t most_noted = 20;
constexpr std::size_t most_seen = 100'000;
constexpr std::size_t longest_text = 1U << 20U;
constexpr std::size_t most_known = 100;

// What ids_of_directories() said of a code, which its code_id stands for.
struct KnownIds {
    std::vector<std::string> without;
    std::map<std::string, std::string> ids;
};

// A mode alone is no change of content.
bool is_changed(const std::string& path, const BuiltFile& built, const ExpectedCode& expected) {
    const auto file = expected.files.find(path);
    if (file == expected.files.end() || !file->second.changeable) return false;
    return file->second.object_id != built.object_id || file->second.symlink != built.symlink;
}

// A file that is removed is gone whatever was in it.
std::string key_of(const std::string& path, const BuiltFile& built, const ExpectedCode& expected) {
    const ExpectedFile& file = expected.files.at(path);
    const std::string before = built.object_id.empty() ? std::string() : file.object_id;
    return fmt::format("{} {} {}{} {}", expected.dockerfile_id, before, built.object_id,
                       built.symlink ? "l" : "", path);
}

// Another way to end its lines makes a file of no other commit of it, and steps that do that are common.
bool has_only_other_line_ends(const model::Tree& tree, const std::string& path,
                              const std::string& object_id) {
    auto text = tree.read(path, longest_text);
    return text && std::erase(*text, '\r') > 0 && base::git_blob_id(*text) == object_id;
}

}    // namespace

bool is_uncached(const boost::json::object& image) {
    const boost::json::value& labels = at(at(image, "Config"), "Labels");
    return engine::codec::text(labels, model::labels::uncached) == "true";
}

std::vector<std::string> changed_by_build(const Manifest& manifest, const ExpectedCode& expected) {
    std::vector<std::string> paths;
    for (const auto& [path, built] : manifest) {
        if (is_changed(path, built, expected)) paths.push_back(path);
    }
    return paths;
}

void note_changes(model::CodeState& state, const Manifest& manifest, const ExpectedCode& expected) {
    state.of_build.clear();
    const std::vector<std::string> paths = changed_by_build(manifest, expected);
    state.of_build_count = paths.size();
    for (const std::string& path : paths) {
        if (state.of_build.size() == most_noted) break;
        const bool removed = manifest.at(path).object_id.empty();
        state.of_build.push_back(
            {path, removed ? model::FileChange::missing : model::FileChange::modified});
    }
}

std::string change_text(const model::FileDifference& change, const ExpectedCode& expected) {
    const auto found = expected.files.find(change.path);
    if (found == expected.files.end()) return change.path;
    const auto& [first, last] = found->second.changers;
    const std::string where =
        first == last ? fmt::format("{}:{}", expected.dockerfile, first)
                      : fmt::format("{} lines {} to {}", expected.dockerfile, first, last);
    return fmt::format("{}: {} by a step of the build, {}", found->second.commit_path,
                       change.change == model::FileChange::missing ? "removed" : "modified", where);
}

std::vector<std::string> older_content(const std::vector<std::string>& paths,
                                       const Manifest& manifest, const ExpectedCode& expected,
                                       const model::Tree& tree) {
    std::vector<std::string> older;
    std::size_t asked = 0;
    for (const std::string& path : paths) {
        const std::string& id = manifest.at(path).object_id;
        if (id.empty()) continue;
        if (++asked > most_asked) break;
        const std::string& name = expected.files.at(path).commit_path;
        if (tree.had_before(name, id) && !has_only_other_line_ends(tree, name, id))
            older.push_back(path);
    }
    return older;
}

void distrust(Comparison& comparison, const std::vector<std::string>& paths,
              const ExpectedCode& expected) {
    if (paths.empty()) return;
    model::CodeState& state = comparison.state;
    for (const std::string& path : paths) {
        const auto built = comparison.of_build.find(path);
        const auto change = built == comparison.of_build.end() || built->second.object_id.empty()
                                ? model::FileChange::missing
                                : model::FileChange::modified;
        state.differences.push_back({expected.files.at(path).commit_path, change});
        ++state.difference_count;
        comparison.of_build.erase(path);
    }
    std::sort(state.differences.begin(), state.differences.end());
    if (state.differences.size() > expected.most_differences)
        state.differences.resize(expected.most_differences);
    state.status = model::CodeStatus::stale;
    note_changes(state, comparison.of_build, expected);
}

std::map<std::string, std::string> proven_ids(const ExpectedCode& expected,
                                              const model::CodeState& state) {
    if (state.of_build_count == 0) return expected.ids;
    if (state.of_build_count > state.of_build.size()) return {};
    std::vector<std::string> changed;
    for (const model::FileDifference& each : state.of_build) changed.push_back(each.path);
    // Asked for at every look, and all files of the code are gone through for it.
    thread_local std::map<std::string, KnownIds> known;
    const auto answer = known.find(expected.code_id);
    if (answer != known.end() && answer->second.without == changed) return answer->second.ids;
    if (known.size() >= most_known) known.clear();
    auto ids = ids_of_directories(expected, changed);
    known[expected.code_id] = {std::move(changed), ids};
    return ids;
}

void Witnessed::add(const Manifest& manifest, const ExpectedCode& expected) {
    for (const std::string& path : changed_by_build(manifest, expected)) {
        if (seen_.size() >= most_seen) seen_.clear();
        seen_.insert(key_of(path, manifest.at(path), expected));
    }
}

std::vector<std::string> Witnessed::unseen(const std::vector<std::string>& paths,
                                           const Manifest& manifest,
                                           const ExpectedCode& expected) const {
    std::vector<std::string> unseen;
    for (const std::string& path : paths) {
        if (!seen_.contains(key_of(path, manifest.at(path), expected))) unseen.push_back(path);
    }
    return unseen;
}

}    // namespace trueup::code
