// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "controller/code/scan.hpp"
#include "controller/dockerfile/ignore.hpp"

namespace trueup::code {
namespace {

constexpr std::array<std::string_view, 24> source_endings{
    ".py", ".pyw",  ".js",  ".mjs", ".cjs", ".ts",  ".jsx", ".tsx",  ".rb", ".php", ".pl", ".pm",
    ".sh", ".bash", ".lua", ".ex",  ".exs", ".erl", ".go",  ".java", ".kt", ".tcl", ".r",  ".jl"};

// Folders whose content no commit has: packages and caches that tools make.
constexpr std::array<std::string_view, 4> foreign_folders{"/node_modules/", "/__pycache__/",
                                                          "/.git/", "/site-packages/"};

class Differences {
public:
    Differences(const ExpectedCode& expected, model::CodeState& state)
        : state_(state), most_(expected.most_differences) {
        state_.code_id = expected.code_id;
        state_.files = expected.files.size();
    }
    void add(const std::string& path, model::FileChange change) {
        ++state_.difference_count;
        state_.differences.push_back({path, change});
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

// A link has no mode of its own.
bool same_mode(const ExpectedFile& expected, const FoundFile& found) {
    return expected.symlink || expected.executable == found.executable;
}

}    // namespace

bool may_be_of_build(model::FileChange change) {
    return change == model::FileChange::extra || change == model::FileChange::mode;
}

bool is_source_file(std::string_view path) {
    for (const std::string_view folder : foreign_folders) {
        if (path.find(folder) != std::string_view::npos) return false;
    }
    return std::any_of(source_endings.begin(), source_endings.end(),
                       [&](std::string_view ending) { return path.ends_with(ending); });
}

Comparison compare(const ExpectedCode& expected, const FoundFiles& found,
                   const std::vector<std::string>& baseline) {
    Comparison comparison;
    Differences all(expected, comparison.state);
    Differences apart(expected, comparison.apart);
    const auto may_be_built = [&](const std::string& path, const std::string& told,
                                  model::FileChange change) {
        comparison.of_build.push_back(path);
        if (!std::binary_search(baseline.begin(), baseline.end(), path)) all.add(told, change);
    };
    const auto differs = [&](const std::string& path, const ExpectedFile& file,
                             model::FileChange change) {
        if (file.changeable) return may_be_built(path, file.commit_path, change);
        all.add(file.commit_path, change);
        apart.add(file.commit_path, change);
    };
    for (const auto& [path, file] : expected.files) {
        const auto there = found.find(path);
        if (there == found.end())
            differs(path, file, model::FileChange::missing);
        else if (!same_content(file, there->second))
            differs(path, file, model::FileChange::modified);
        else if (!same_mode(file, there->second))
            may_be_built(path, file.commit_path, model::FileChange::mode);
    }
    std::vector<std::string> globs;
    for (const std::string& glob : expected.ignore) globs.push_back(glob.substr(1));
    const auto ignored = dockerfile::Ignore::of(globs, "code.ignore");
    for (const auto& [path, file] : found) {
        if (expected.files.contains(path) || !is_source_file(path)) continue;
        if (ignored && ignored->excludes(std::string_view(path).substr(1))) continue;
        may_be_built(path, path, model::FileChange::extra);
    }
    std::sort(comparison.of_build.begin(), comparison.of_build.end());
    all.finish();
    apart.finish();
    return comparison;
}

}    // namespace trueup::code
