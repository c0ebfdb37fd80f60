// SPDX-License-Identifier: Apache-2.0
// The cache's content: what the engine holds, indexed by project, and the answer to observe(). Plain
// data, no I/O.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"

namespace trueup::engine {

// "nginx" and "docker.io/library/nginx:latest" are one image: the short form, with its tag.
std::string normal_reference(std::string reference);

class World {
public:
    // True when something became different.
    bool put(model::ObservedContainer container);
    bool remove_container(const std::string& id);
    const model::ObservedContainer* find(const std::string& id) const;
    // Drops every container (of the project, if given) that is not among the ids.
    std::set<std::string> keep_only(const std::set<std::string>& ids, const std::string* project);

    bool set_networks(std::vector<model::ObservedNetwork> networks);
    bool set_volumes(std::vector<model::ObservedVolume> volumes);
    bool set_images(std::vector<model::ObservedImage> images);

    // `stack`: also what has its label in other projects; "" = none. `also`: ids of further
    // containers that are the stack's, in whatever project.
    model::Observed observe(const model::Project& project, const std::string& stack = {},
                            const std::set<std::string>& also = {}) const;
    bool has_image(const std::string& id) const { return images_.contains(id); }
    std::map<std::string, model::ObservedContainer> owned() const;
    std::vector<model::ObservedContainer> containers() const;
    std::set<std::string> projects() const;
    // When each container that runs was started, by its id.
    std::map<std::string, std::string> running() const;

private:
    std::vector<model::ObservedContainer> elsewhere(const std::string& project,
                                                    const std::string& stack,
                                                    const std::set<std::string>& also) const;
    void add_images(const model::Project& project, model::Observed& observed) const;

    std::map<std::string, model::ObservedContainer> containers_;
    // ids; the indices of containers_
    std::map<std::string, std::set<std::string>> of_project_;
    std::map<std::string, std::set<std::string>> of_stack_;
    std::vector<model::ObservedNetwork> networks_;
    std::vector<model::ObservedVolume> volumes_;
    std::map<std::string, model::ObservedImage> images_;
    std::map<std::string, std::string> image_of_reference_;    // normal reference -> id
    std::multimap<std::string, std::string> images_of_recipe_;
};

}    // namespace trueup::engine
