// SPDX-License-Identifier: Apache-2.0
// Which file it is that changed in a folder of the commit that a container binds. The container's bind
// names the folder's old tree object, which the repository usually still has.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/offload.hpp"
#include "controller/base/task.hpp"
#include "controller/model/observed.hpp"
#include "controller/model/tree.hpp"
#include "controller/reconcile/desired.hpp"

namespace trueup::reconcile {

// The first path, in the order of names, at which two tree objects differ; "" where the repository lacks
// one of them, or they are too deep.
std::string first_difference(const model::Tree& tree, const std::string& before,
                             const std::string& now);

class ChangedFolders {
public:
    // Fills first_changes of the containers, out of what is known.
    void fill(const Desired& desired, model::Observed& observed) const;
    // Reads what is not known yet of a filled snapshot, in the pool, and fills it in.
    Task<void> look(Pool& pool, std::shared_ptr<const Desired> desired, model::Observed& observed);

private:
    // (tree object before, now) -> the first path
    std::map<std::pair<std::string, std::string>, std::string> known_;
};

}    // namespace trueup::reconcile
