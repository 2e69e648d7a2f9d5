@node "%~dp0pulumi-resource-alicloud-image" %*
