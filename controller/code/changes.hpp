// SPDX-License-Identifier: Apache-2.0
// Files of the commit that an image has otherwise, where a step of its build may have changed them: the
// build's doing, or an old layer out of a cache? A comparison cannot tell; these can.
//
// - An image that was built without cache has no old layer: what differs, its steps did.
// - What steps of the same Dockerfile were once seen to make of a file without cache, they make of the
//   same content again.
// - What is there is what an earlier commit had there: then it is old, however it got there (a
//   `RUN --mount=type=cache` outlives a build without cache).
#pragma once

#include <boost/json/fwd.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/code/code.hpp"

namespace trueup::code {

// An image that trueup built, as the engine inspects it: no layer of its build came out of a cache.
bool is_uncached(const boost::json::object& image);

// Of an image with this manifest: paths in the container, sorted.
std::vector<std::string> changed_by_build(const Manifest& manifest, const ExpectedCode& expected);

// Writes them into CodeState::of_build.
void note_changes(model::CodeState& state, const Manifest& manifest, const ExpectedCode& expected);

// ExpectedCode::ids without what the build changed; nothing where not all of that is known.
std::map<std::string, std::string> proven_ids(const ExpectedCode& expected,
                                              const model::CodeState& state);

// "app/settings.py: modified by a step of the build, Dockerfile:5", "…, Dockerfile lines 5 to 9".
// `change` is one of CodeState::of_build.
std::string change_text(const model::FileDifference& change, const ExpectedCode& expected);

// Which of `paths` hold what an earlier commit had there, and not this one's text without carriage
// returns; at most 100 are asked for. Reads the repository: for the pool.
std::vector<std::string> older_content(const std::vector<std::string>& paths,
                                       const Manifest& manifest, const ExpectedCode& expected,
                                       const model::Tree& tree);

// These are differences of the image after all, and not in its manifest.
void distrust(Comparison& comparison, const std::vector<std::string>& paths,
              const ExpectedCode& expected);

// What steps made of files, seen in images that were built without cache.
class Witnessed {
public:
    void add(const Manifest& manifest, const ExpectedCode& expected);
    // Of `paths`, those that nobody saw become what they are.
    std::vector<std::string> unseen(const std::vector<std::string>& paths, const Manifest& manifest,
                                    const ExpectedCode& expected) const;

private:
    std::set<std::string> seen_;
};

}    // namespace trueup::code
