// SPDX-License-Identifier: Apache-2.0
// What YAML becomes, whether or not the engine's side acts on it already: the steps of a load without the
// refusal of what is not supported.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "controller/compose/decode.hpp"
#include "controller/compose/find_files.hpp"
#include "controller/compose/report.hpp"
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {

// What `tree` decodes to; every problem goes to `problems`.
inline model::Project decode_all(const trueup::test::MemoryTree& tree,
                                 const std::string& host_directory, Problems& problems) {
    const Places places(tree, false, "");
    Session session(places, true);
    ProjectFileOptions options;
    options.name = "shop";
    options.directory = places.absolute("");
    options.files = {places.absolute("compose.yaml")};
    options.variables = {{"SET", "value"}, {"NUMBER", "5"}};
    const ProjectFile file = load_project_file(options, session);
    Reporter reporter(session.problems);
    const DecodeContext context{places, options.directory, host_directory, reporter};
    model::Project project = decode(file, context);
    problems = settle(session);
    return project;
}

// A project that loads; an empty one, and a failure, otherwise.
inline model::Project decoded(const trueup::test::MemoryTree& tree,
                              const std::string& host_directory = "") {
    Problems problems;
    model::Project project = decode_all(tree, host_directory, problems);
    EXPECT_TRUE(problems.empty()) << (problems.empty() ? "" : error_of(problems).message());
    return project;
}
inline model::Project decoded(const std::string& text) {
    return decoded(trueup::test::MemoryTree{{"compose.yaml", text}});
}

// The service `web` with these lines of YAML (at column 1) in it.
inline model::Service decoded_web(const std::string& lines, const std::string& rest = "") {
    const model::Project project = decoded(web_with(lines) + rest);
    const auto found = project.services.find("web");
    return found == project.services.end() ? model::Service() : found->second;
}

// The problems of the service `web` with these lines, one a line; "loaded" when there is none.
inline std::string decode_problems_of_web(const std::string& lines) {
    Problems problems;
    decode_all(trueup::test::MemoryTree{{"compose.yaml", web_with(lines)}}, "", problems);
    return problems.empty() ? "loaded" : error_of(problems).message();
}

}    // namespace trueup::compose::test
