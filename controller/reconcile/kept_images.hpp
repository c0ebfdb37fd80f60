// SPDX-License-Identifier: Apache-2.0
// Images that a stack's history needs have a tag of ours, "trueup.keep/<stack>:<first digits of the
// id>": once a build or a pull has given their own tag to another image, `docker image prune` would
// take away the way back. No registry has that name, so nothing pushes it by accident.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/plan/plan.hpp"
#include "controller/store/records.hpp"

namespace trueup::reconcile {

std::string keep_reference(const std::string& stack, const std::string& image_id);

// The plan may take a tag from an image, or the last container.
bool may_free_images(const plan::Plan& plan);

struct Needed {
    std::set<std::string> images;
    // The history is so long that it forgets: then what it does not name is needed no more. A shorter
    // one may be another's beside the one that the tags are of, or new since a loss.
    bool is_all = false;
};
Needed needed_images(const std::vector<store::Revision>& revisions, int history_limit);

// Tags those of `needed` that the engine has, and takes the tags of others away once it is all.
Task<void> keep_images(engine::Engine& engine, std::string stack, Needed needed);

}    // namespace trueup::reconcile
