// SPDX-License-Identifier: Apache-2.0
// Which image each service is to run, and what it takes to have it. Inside plan/ only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"
#include "controller/plan/slots.hpp"

namespace trueup::plan {

struct ImageChoice {
    // Who builds it (often the service itself); nullptr: it is pulled.
    const model::Service* builder = nullptr;
    std::string reference;    // what it is called on the engine
    // Of what is built: by trueup. Nothing: must be built or pulled first.
    std::optional<std::string> id;
    // built before from the same recipe, and holds other code
    const model::ObservedImage* rejected = nullptr;
    bool unproven = false;    // has code that was not yet seen equal to the commit's
};

class Images {
public:
    // All outlive this.
    Images(const model::Project& project, const model::Observed& observed, const Slots& slots);

    ImageChoice choose(const model::Service& service, const std::string& config_hash) const;
    // Built from it by trueup, or proven as good in a container that is taken over.
    bool is_of_recipe(const std::string& image_id, const std::string& recipe) const;
    // Of the latter: right in a container that is there, and never the choice for a new one.
    bool stands_for(const std::string& image_id, const std::string& recipe) const;
    bool is_known(const std::string& image_id) const;

private:
    const model::Service* builder_of(const model::Service& service) const;
    void add_use(const model::ObservedContainer& container);
    void add_taken_over(const model::ObservedContainer& container);
    void choose_built(const model::Service& service, ImageChoice& choice) const;
    std::optional<std::string> pulled(const model::Service& service,
                                      const std::string& config_hash) const;
    bool is_unproven(const model::Service& service, const model::ObservedImage& image) const;

    const model::Project& project_;
    const model::Observed& observed_;
    const Slots& slots_;
    std::map<std::string, const model::Service*> builders_;    // by reference
    std::multimap<std::string, const model::ObservedImage*> by_recipe_;
    // service, image id: of containers; the better the container stands, the smaller
    std::map<std::pair<std::string, std::string>, int> in_use_;
    std::set<std::string> seen_fresh_;    // image ids of containers with fresh code
};

}    // namespace trueup::plan
