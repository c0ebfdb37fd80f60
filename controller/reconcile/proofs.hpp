// SPDX-License-Identifier: Apache-2.0
// What is known about code: the result of each comparison, by what was compared with what. An
// image never changes, so its result holds for good; a container's holds until it is started anew
// or a sweep sees a change in it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/base/error.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/changes.hpp"
#include "controller/code/code.hpp"
#include "controller/model/observed.hpp"

namespace trueup::reconcile {

class Proofs {
public:
    void put_image(const std::string& image_id, code::Comparison comparison);
    std::shared_ptr<const code::Comparison> image(const std::string& image_id,
                                                  const std::string& code_id) const;

    void put_container(const model::ObservedContainer& container, code::Comparison comparison,
                       std::shared_ptr<const code::ExpectedCode> expected);
    // What was changed in a container since it was made, by its last comparison: with the commit of then, which its
    // image passed, whatever is desired by now.
    struct Changed {
        model::CodeState state;
        std::shared_ptr<const code::ExpectedCode> expected;
    };
    std::optional<Changed> changed_inside(const model::ObservedContainer& container) const;
    // Nothing when it was not compared with that code since it was started last.
    const model::CodeState* container(const model::ObservedContainer& container,
                                      const std::string& code_id) const;
    // A look at it failed: whether its code is still the commit's is not known any more. What was found
    // to be other code stays so. True when this is news.
    bool put_unknown(const model::ObservedContainer& container, const std::string& code_id);

    // Writes the known states into a snapshot: containers and images of services with code.
    void fill(model::Observed& observed,
              const std::map<std::string, std::string>& code_id_of_service,
              const std::map<std::string, std::string>& recipe_of_service) const;

    // What was built of a recipe without cache and still holds other code, with what was said of it.
    void give_up(const std::string& recipe_id, Error why) {
        given_up_.insert_or_assign(recipe_id, std::move(why));
    }
    std::optional<Error> given_up(const std::string& recipe_id) const;
    void try_again(const std::string& recipe_id) { given_up_.erase(recipe_id); }

    // What steps of builds made of the commit's files: by content too.
    code::Witnessed& witnessed() { return witnessed_; }

    // What interpreters said of byte code: by content, so it outlives containers.
    code::Verdicts& verdicts() { return verdicts_; }

    // Drops containers that are gone.
    void keep_only(const std::set<std::string>& container_ids);

private:
    struct OfContainer {
        std::string started_at;
        model::CodeState state;
        std::shared_ptr<const code::ExpectedCode> expected;
    };
    // By image id and code id.
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const code::Comparison>> images_;
    std::map<std::string, OfContainer> containers_;    // container id
    std::map<std::string, Error> given_up_;            // recipe id
    code::Witnessed witnessed_;
    code::Verdicts verdicts_;
};

}    // namespace trueup::reconcile
