// SPDX-License-Identifier: Apache-2.0
// Loads compose files out of memory: what a test gets is a service, or the text of all problems.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "controller/compose/load.hpp"
#include "tests/support/memory_tree.hpp"

namespace trueup::compose::test {

inline LoadOptions shop_options() {
    LoadOptions options;
    options.project_name = "shop";
    return options;
}

inline Result<model::Project> load_text(const std::string& text,
                                        LoadOptions options = shop_options()) {
    return load(trueup::test::MemoryTree{{"compose.yaml", text}}, options);
}

// The project of files that load; an empty one, and a failure, otherwise.
inline model::Project project_of(const trueup::test::MemoryTree& tree,
                                 const LoadOptions& options = shop_options()) {
    auto project = load(tree, options);
    EXPECT_TRUE(project) << project.error().message();
    return project ? std::move(*project) : model::Project();
}
inline model::Project project_of(const std::string& text,
                                 const LoadOptions& options = shop_options()) {
    return project_of(trueup::test::MemoryTree{{"compose.yaml", text}}, options);
}

// The service `web` of an image, with these lines of YAML (at column 1) in it.
inline std::string web_with(const std::string& lines) {
    std::string text = "services:\n  web:\n    image: nginx\n";
    std::size_t start = 0;
    while (start < lines.size()) {
        const std::size_t end = std::min(lines.find('\n', start), lines.size());
        text += "    " + lines.substr(start, end - start) + "\n";
        start = end + 1;
    }
    return text;
}
inline model::Service web_of(const std::string& lines,
                             const LoadOptions& options = shop_options()) {
    const model::Project project = project_of(web_with(lines), options);
    const auto found = project.services.find("web");
    return found == project.services.end() ? model::Service() : found->second;
}

// All problems, one a line; "loaded" when there is none.
inline std::string problems_of(const trueup::test::MemoryTree& tree,
                               const LoadOptions& options = shop_options()) {
    const auto project = load(tree, options);
    return project ? "loaded" : project.error().message();
}
inline std::string problems_of(const std::string& text,
                               const LoadOptions& options = shop_options()) {
    return problems_of(trueup::test::MemoryTree{{"compose.yaml", text}}, options);
}
// Of web_with(lines): the first of them is line 4, its first column 5.
inline std::string problems_of_web(const std::string& lines) {
    return problems_of(web_with(lines));
}

}    // namespace trueup::compose::test
