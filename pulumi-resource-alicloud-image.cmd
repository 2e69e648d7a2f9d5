@where node >nul 2>nul || (echo pulumi-resource-alicloud-image needs Node.js 20.19 or later, and there is no node on PATH: https://nodejs.org 1>&2 & exit /b 1)
@node "%~dp0pulumi-resource-alicloud-image.js" %*
