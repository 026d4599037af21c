//! What the commands that speak to a cloud take.
