// SPDX-License-Identifier: Apache-2.0
// What is this stack's own. Nothing else is ever changed, whatever its labels say.
#pragma once

#include <cstdint>
#include <string>

#include "controller/model/observed.hpp"
#include "controller/plan/plan.hpp"
#include "controller/render/render.hpp"

namespace trueup::plan {

// Created by this controller for this stack, or adopted for it. With a key, only the seal tells: not
// the labels, which come along with an image or can be copied. A seal that the container's image
// carries itself is never its own, and no container has it under another name than it was made for.
bool is_ours(const model::ObservedContainer& container, const model::Observed& observed,
             const render::StackIdentity& identity);
bool is_ours(const model::ObservedNetwork& network, const std::string& project,
             const render::StackIdentity& identity);
bool is_ours(const model::ObservedVolume& volume, const std::string& project,
             const render::StackIdentity& identity);

// Whose it says to be, of one that is not ours: what another controller or stack keeps its books of
// cannot be adopted.
enum class Claim : std::uint8_t { nobody, other_stack, other_controller };
Claim claim_of(const model::ObservedContainer& container, const model::Observed& observed,
               const render::StackIdentity& identity);

// Of one that is not: "" where it does not claim to be ours; else what speaks against it.
std::string why_foreign(const model::ObservedContainer& container, const model::Observed& observed,
                        const render::StackIdentity& identity);

// What is remembered of an adopted container: as if its labels said so.
void take_over(model::ObservedContainer& container, const AdoptContainer& adopted,
               const render::StackIdentity& identity);

}    // namespace trueup::plan
