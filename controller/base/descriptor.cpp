// SPDX-License-Identifier: Apache-2.0
#include "controller/base/descriptor.hpp"

#include <unistd.h>

namespace trueup::base {

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

}    // namespace trueup::base
