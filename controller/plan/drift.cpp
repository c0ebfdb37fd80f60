// SPDX-License-Identifier: Apache-2.0
// First difference wins: configuration, image, code, networks. Of what another tool created each of them
// is told: who decides about taking it over reads what a replacement does away with.
#include "controller/plan/drift.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "controller/plan/content_drift.hpp"
#include "controller/plan/draft.hpp"
#include "controller/plan/ignore.hpp"
#include "controller/plan/slots.hpp"

namespace trueup::plan {
namespace {

using model::ObservedContainer;

std::string instead_of(const std::string& wanted, const std::string& found) {
    return fmt::format("commit {} instead of {}", short_commit(wanted),
                       found.empty() ? "an unknown one" : short_commit(found));
}

std::string bytecode_text(const model::CodeState& code, const std::string& commit) {
    std::string text = model::to_text(code.bytecode.front(), commit);
    if (code.bytecode_count > 1) {
        const std::size_t more = code.bytecode_count - 1;
        text += fmt::format(", and {} more bytecode {}", more, more == 1 ? "file" : "files");
    }
    return text;
}

std::string code_text(const model::CodeState& code, const std::string& revision) {
    const std::string commit = short_commit(revision);
    if (code.differences.empty() && !code.bytecode.empty()) return bytecode_text(code, commit);
    if (code.differences.empty()) return fmt::format("the code differs from {}", commit);
    const model::FileDifference& first = code.differences.front();
    if (code.difference_count > 1) {
        const std::size_t more = code.difference_count - 1;
        return fmt::format("{} and {} more {} differ from {}", first.path, more,
                           more == 1 ? "file" : "files", commit);
    }
    switch (first.change) {
        case model::FileChange::modified:
            return fmt::format("{} differs from {}", first.path, commit);
        case model::FileChange::missing:
            return fmt::format("{} of {} is missing", first.path, commit);
        case model::FileChange::extra: return fmt::format("{} is not in {}", first.path, commit);
        case model::FileChange::mode:
            return fmt::format("the mode of {} differs from {}", first.path, commit);
    }
    return {};
}

// Of code that is stale. Files of the commit count before what may run in place of them.
Cause code_cause(const model::CodeState& code, const std::string& revision,
                 const std::string& where = "") {
    const bool only_bytecode = code.differences.empty() && !code.bytecode.empty();
    return Cause{only_bytecode ? Drift::bytecode : Drift::code, where + code_text(code, revision)};
}

// Made before the Stack said what to ignore, and equal in all of it: telling it replaces nothing.
bool is_equal_in_all(const ObservedContainer& container, const Wanted& wanted,
                     const model::Project& project) {
    if (!wanted.ignores) return false;
    const std::string all = config_hash(project, *wanted.service, {});
    return render::is_hash_of(container.config_hash, render::keyed_hash(wanted.identity->key, all),
                              all);
}

std::optional<Cause> config_difference(const ObservedContainer& container, const Wanted& wanted,
                                       const model::Project& project) {
    if (wanted.is_made_for(container)) return std::nullopt;
    if (is_equal_in_all(container, wanted, project)) return std::nullopt;
    if (!wanted.ignores) {
        auto content = content_difference(container, *wanted.service, project, *wanted.identity);
        if (content) return content;
    }
    std::string text = "the configuration changed";
    if (container.revision != wanted.identity->revision)
        text += ": " + instead_of(wanted.identity->revision, container.revision);
    return Cause{Drift::config, std::move(text)};
}

Cause image_gone(const ObservedContainer& container) {
    return Cause{Drift::image, fmt::format("image {} is gone", short_id(container.image_id))};
}

// Than the commit says; how another tool names what the commit gives no name is no difference.
bool has_another_name(const ObservedContainer& container, const model::Service& service) {
    const std::string own = own_name(container.name);
    const std::string& name = service.container_name;
    return !name.empty() && own != name && !is_left_over(own, name);
}

// "environment DEBUG, ports and 3 more": of a container of another tool.
std::optional<Cause> made_otherwise(const ObservedContainer& container,
                                    const model::Service& service) {
    constexpr std::size_t shown = 3;
    if (!container.comparison) return std::nullopt;
    model::Strings names = container.comparison->differences;
    if (has_another_name(container, service)) names.emplace_back("container_name");
    if (names.empty()) return std::nullopt;
    const std::size_t count = std::min(names.size(), shown);
    std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + count, ", "));
    if (names.size() > count) text += fmt::format(" and {} more", names.size() - count);
    return Cause{Drift::config, text + (names.size() == 1 ? " differs" : " differ")};
}

// The image must be built: what runs now is of another recipe, or of this one with other code in
// it, or nobody knows of which.
Cause unbuilt_difference(const ObservedContainer& container, const Wanted& wanted, bool same_recipe,
                         bool known) {
    if (same_recipe && wanted.image.rejected != nullptr) {
        return code_cause(wanted.image.rejected->code, wanted.identity->revision, "in the image, ");
    }
    if (container.revision == wanted.identity->revision && !known) return image_gone(container);
    if (wanted.is_adoptable(container)) {
        if (container.code.status == model::CodeStatus::stale)
            return code_cause(container.code, wanted.identity->revision);
        return Cause{Drift::revision,
                     fmt::format("trueup did not build its image, and its code was "
                                 "not compared with {}",
                                 short_commit(wanted.identity->revision))};
    }
    if (container.revision == wanted.identity->revision)
        return Cause{Drift::revision, "what the image is built from changed"};
    return Cause{Drift::revision, instead_of(wanted.identity->revision, container.revision)};
}

std::optional<Cause> image_difference(const ObservedContainer& container, const Wanted& wanted,
                                      const Images& images) {
    const ImageChoice& image = wanted.image;
    if (image.id && *image.id == container.image_id) return std::nullopt;
    if (image.builder != nullptr) {
        const std::string& recipe = image.builder->build->recipe_id;
        if (images.stands_for(container.image_id, recipe)) return std::nullopt;
        const bool same_recipe = images.is_of_recipe(container.image_id, recipe);
        if (!image.id || !same_recipe) {
            return unbuilt_difference(container, wanted, same_recipe,
                                      images.is_known(container.image_id));
        }
    }
    // The image is to be pulled, yet this container was made for its tag: the image it runs was
    // removed by force.
    if (!image.id) return image_gone(container);
    return Cause{Drift::image, fmt::format("{} is image {}, the container runs {}", image.reference,
                                           short_id(*image.id), short_id(container.image_id))};
}

// Bytecode counts where nothing else differs, or what does is overlooked.
std::optional<Cause> code_difference(const ObservedContainer& container, const Wanted& wanted) {
    if (container.code.status != model::CodeStatus::stale) return std::nullopt;
    Cause cause = code_cause(container.code, wanted.identity->revision);
    const bool more = cause.drift == Drift::code && !container.code.bytecode.empty();
    if (more && wanted.overlooked.contains(Drift::code)) {
        cause.drift = Drift::bytecode;
        cause.text = bytecode_text(container.code, short_commit(wanted.identity->revision));
    }
    return cause;
}

// Networks of that name exist, and none of them is the one with that id.
bool is_gone(const std::string& name, const std::string& id, const model::Observed& observed) {
    bool others = false;
    for (const model::ObservedNetwork& network : observed.networks) {
        if (network.name != name || network.id.empty()) continue;
        if (network.id == id) return false;
        others = true;
    }
    return others && !id.empty();
}

// A network that was removed and made anew has another id: the container cannot be started on it,
// and does not reach anybody if it runs.
std::optional<Cause> network_difference(const ObservedContainer& container, const Wanted& wanted,
                                        const model::Project& project,
                                        const model::Observed& observed) {
    for (const auto& [key, attachment] : wanted.service->networks) {
        const auto network = project.networks.find(key);
        if (network == project.networks.end()) continue;
        const std::string& name = network->second.name;
        const auto attached = container.networks.find(name);
        if (attached == container.networks.end()) {
            return Cause{Drift::runtime, fmt::format("not connected to network {}", name)};
        }
        if (is_gone(name, attached->second, observed)) {
            return Cause{Drift::runtime, fmt::format("network {} was made anew", name)};
        }
    }
    return std::nullopt;
}

// The first one says of which kind it is.
void tell_too(std::optional<Cause> more, std::optional<Cause>& cause) {
    if (!cause)
        cause = std::move(more);
    else if (more && more->text != cause->text)
        cause->text += "; " + more->text;
}

std::optional<Cause> counted(std::optional<Cause> cause, const Wanted& wanted) {
    if (cause && wanted.overlooked.contains(cause->drift)) return std::nullopt;
    return cause;
}

// Its networks are among what made_otherwise() compares, all but those that are gone.
std::optional<Cause> found_difference(const ObservedContainer& container, const Wanted& wanted,
                                      const model::Project& project,
                                      const model::Observed& observed, const Images& images) {
    auto code = image_difference(container, wanted, images);
    const bool is_told = code && (code->drift == Drift::code || code->drift == Drift::bytecode);
    code = counted(std::move(code), wanted);
    if (!is_told) tell_too(counted(code_difference(container, wanted), wanted), code);
    auto cause = made_otherwise(container, *wanted.service);
    tell_too(std::move(code), cause);
    if (!cause) return counted(network_difference(container, wanted, project, observed), wanted);
    return cause;
}

}    // namespace

std::optional<Cause> difference(const ObservedContainer& container, const Wanted& wanted,
                                const model::Project& project, const model::Observed& observed,
                                const Images& images) {
    if (wanted.is_adoptable(container))
        return found_difference(container, wanted, project, observed, images);
    if (auto cause = config_difference(container, wanted, project)) return cause;
    if (auto cause = counted(image_difference(container, wanted, images), wanted)) return cause;
    if (auto cause = counted(code_difference(container, wanted), wanted)) return cause;
    return counted(network_difference(container, wanted, project, observed), wanted);
}

}    // namespace trueup::plan
